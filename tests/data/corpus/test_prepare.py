import lzma
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.corpus.choose import Chosen, choose_corpus
from hatetinyllm.data.corpus.judged import load_judged
from hatetinyllm.data.corpus.known import KNOWN
from hatetinyllm.data.corpus.prepare import Corpus, prepare_corpus
from hatetinyllm.data.corpus.runs import shares_run
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError, LicenceError, TableError


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Forty chapters of five paragraphs, packed; the third paragraph of each quotes a judged text of its own."""
    judged = [example.text for example in load_dataset("demo").test if len(example.text.split()) >= 8]
    lines = ["# Title: A Book"]
    for chapter in range(40):
        told = [f"_Page {page}_ of chapter {chapter} tells at length of the number {chapter * 5 + page}." for page in range(5)]
        lines += [f"## {chapter}", *told[:2], f"He said: {judged[chapter]} And he left.", *told[2:]]
    path = tmp_path / "book.txt.xz"
    path.write_bytes(lzma.compress("\n".join(lines).encode()))
    return path


def chat(tmp_path: Path, rows: int = 200) -> Path:
    path = tmp_path / "chat.txt"
    path.write_text("".join(f"message {row} of a long chat 😂\n" for row in range(rows)), encoding="utf-8")
    return path


def test_prose_is_joined_to_blocks_without_the_paragraphs_that_quote_judged_texts(tmp_path: Path, book: Path) -> None:
    chosen = choose_corpus(files=(str(book),), prose=("book",), judged=("demo",), held_out_share=0.1, block_words=20)
    corpus = prepare_corpus(chosen, tmp_path / "corpus")
    (source,) = corpus.sources
    assert source.dropped == {"headings": 41, "kin of judged texts": 40}
    assert (source.documents, source.licences) == (281, ("own",))
    texts = [*corpus.train, *corpus.held_out]
    assert not shares_run(texts, load_judged(["demo"]).runs).any()
    assert sum(text.count("Page ") for text in texts) == 200
    assert all(text.startswith("Page ") and 20 <= len(text.split()) <= 40 for text in texts if "\n" in text)


def test_a_chapter_is_learnt_or_held_out_and_never_both(tmp_path: Path, book: Path) -> None:
    chosen = choose_corpus(files=(str(book),), prose=("book",), judged=("demo",), held_out_share=0.2, block_words=20)
    corpus = prepare_corpus(chosen, tmp_path / "corpus")
    learnt, held = ({text.split("chapter ")[1].split()[0] for text in stream} for stream in (corpus.train, corpus.held_out))
    assert learnt | held == {str(chapter) for chapter in range(40)}
    assert not learnt & held
    assert 2 <= len(held) <= 16
    assert list(corpus.held_out_of["book"]) == list(corpus.held_out)


def test_the_same_corpus_is_opened_and_another_is_made(tmp_path: Path) -> None:
    path = chat(tmp_path)
    made: list[str] = []

    def prepared(chosen: Chosen) -> Corpus:
        return prepare_corpus(chosen, tmp_path / "corpus", on_progress=lambda source, characters: made.append(source))

    first = prepared(choose_corpus(files=(str(path),)))
    assert made == ["chat"]
    again = prepared(choose_corpus(files=(str(path),)))
    assert list(again.train) == list(first.train)
    assert (again.sources, again.notes, made) == (first.sources, first.notes, ["chat"])
    other = prepared(choose_corpus(files=(str(path),), seed=7, shares=("chat=x2",)))
    assert made == ["chat"]
    assert sorted(other.train) == sorted([*first.train, *first.train])
    assert list(other.held_out) == list(first.held_out)
    assert any("2.00 times what there is" in note for note in other.notes)
    prepared(choose_corpus(files=(str(path),), least_words=4))
    assert made == ["chat", "chat"]


def test_each_epoch_has_an_order_of_its_own(tmp_path: Path) -> None:
    corpus = prepare_corpus(choose_corpus(files=(str(chat(tmp_path)),)), tmp_path / "corpus")
    assert list(corpus.epoch(0)) == list(corpus.train)
    assert list(corpus.epoch(1)) != list(corpus.train)
    assert sorted(corpus.epoch(1)) == sorted(corpus.train)


def test_datasets_give_their_train_texts_without_kin(tmp_path: Path) -> None:
    chosen = choose_corpus(datasets=("demo",), judged=("demo:grouped",), held_out_share=0.0)
    corpus = prepare_corpus(chosen, tmp_path / "corpus")
    kept = set(corpus.train)
    splits = load_dataset("demo")
    assert kept
    assert kept < {" ".join(example.text.split()) for example in splits.train}
    assert not kept & set(load_judged(["demo:grouped"]).texts)
    assert corpus.sources[0].dropped["kin of judged texts"] > 100
    assert corpus.sources[0].documents == len(splits.train)
    assert (corpus.licences, len(corpus.held_out)) == (("apache-2.0",), 0)


def test_duplicates_are_dropped_across_sources(tmp_path: Path) -> None:
    one, two = chat(tmp_path, 20), tmp_path / "more.jsonl"
    two.write_text('{"body": "MESSAGE 3 of a long  chat 😂"}\n{"body": "a message of its own"}\n', encoding="utf-8")
    one_column = choose_corpus(files=(str(one), str(two)), column="body", held_out_share=0.0)
    corpus = prepare_corpus(one_column, tmp_path / "corpus")
    assert corpus.sources[1].dropped == {"exact duplicates": 1}
    assert len(corpus.train) == 21
    assert list(corpus.files) == ["chat: chat.txt", "more: more.jsonl"]


def test_files_of_one_name_in_two_folders_are_both_recorded(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / "all" / folder).mkdir(parents=True)
        (tmp_path / "all" / folder / "chat.txt").write_text(f"a message of folder {folder}\n")
    corpus = prepare_corpus(choose_corpus(files=(f"{tmp_path}/all",), held_out_share=0.0), tmp_path / "corpus")
    assert list(corpus.files) == ["all: one/chat.txt", "all: two/chat.txt"]
    assert sorted(corpus.train) == ["a message of folder one", "a message of folder two"]


def test_consent_is_asked_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(LicenceError, match="no commercial use"):
        prepare_corpus(choose_corpus(files=(str(chat(tmp_path)),), judged=("hateval",)), tmp_path / "corpus")


def test_known_files_are_prose_where_they_are_books(
    tmp_path: Path, mirror: Callable[[Mapping[str, str]], Path], book: Path
) -> None:
    path = KNOWN["books"].file.path.removesuffix(".xz")
    mirror({path: lzma.decompress(book.read_bytes()).decode()})
    corpus = prepare_corpus(choose_corpus(files=(f"books=data:{path}",), prose=("books",)), tmp_path / "corpus")
    assert corpus.sources[0].dropped["headings"] == 41
    assert any("the mirror's variant" in note for note in corpus.notes)


def test_names_that_are_no_sources_are_told_before_anything_is_read(tmp_path: Path) -> None:
    path = chat(tmp_path)
    chosen = choose_corpus(files=(f"demo={path}",), datasets=("demo",), shares=("chart=5",), prose=("chat",))
    with pytest.raises(DataError) as caught:
        prepare_corpus(chosen, tmp_path / "corpus")
    assert [problem.split(" (")[0] for problem in caught.value.problems] == [
        "two sources go by the name 'demo'",
        "shares: there is no source 'chart'",
        "prose: there is no source 'chat'",
    ]


def test_a_corpus_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(b"a line of words\n\xff\n")
    with pytest.raises(TableError, match="line 2"):
        prepare_corpus(choose_corpus(files=(str(path),)), tmp_path / "corpus")
    path.write_text("two words\n")
    with pytest.raises(DataError, match="nothing is left of the corpus") as caught:
        prepare_corpus(choose_corpus(files=(str(path),)), tmp_path / "corpus")
    assert "1 short documents" in str(caught.value)
    assert sorted(other.name for other in tmp_path.iterdir()) == ["bad.txt"]


def test_no_kin_of_real_judged_texts_is_left_in_real_comments(real_data: Path, tmp_path: Path) -> None:
    files = ("data:text/taskmaster4_dialogues.txt.xz",)
    corpus = prepare_corpus(choose_corpus(files=files, judged=("cat",)), tmp_path / "corpus")
    assert corpus.sources[0].dropped["documents cut at a short judged text"] > 10
    judged = load_judged(["cat"])
    assert not shares_run([*corpus.train, *corpus.held_out], judged.runs).any()
    assert corpus.licences == ("cc-by-4.0",)
