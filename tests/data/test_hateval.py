"""HatEval: one language at a time, the addressee only where there is hate, the test only where it is at hand."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.hateval import FILES, load
from hatetinyllm.data.split import grouped, official, random
from hatetinyllm.errors import DataError, FetchError, LicenceError
from hatetinyllm.training.batches import batches_of_epoch
from hatetinyllm.types import Example, Splits

HEADER = "id,text,HS,TR,AG\n"
MADE_UP = {
    FILES["en train"].path: HEADER + '201,"gr**p &amp; others, go away",1,0,1\n202,nice day,0,0,0\n',
    FILES["en dev"].path: HEADER + "18201,you are a gr**p,1,1,0\n",
    FILES["es train"].path: HEADER + "20001,buenos días,0,0,0\n",
    FILES["es dev"].path: HEADER + "20005,buenas noches,0,0,0\n",
}


def test_rows_keep_entities_and_only_hate_has_an_addressee(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    hate, other = splits.train
    assert (hate.id, hate.text) == ("201", "gr**p &amp; others, go away")
    assert hate.labels == {"hate": ("hate",), "addressee": ("group",)}
    assert other.labels == {"hate": ("not_hate",)}
    assert splits.dev[0].labels["addressee"] == ("individual",)
    assert splits.test == ()
    assert f"{FILES['en test'].path}: not here, so what it holds is left out" in splits.notes


def test_the_language_chooses_the_files(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load(language="es")
    assert [example.language for example in splits.rows()] == ["es", "es"]
    assert all("hateval2019_es" in path for path in splits.files)
    assert "train: 0 rows are hate, the card states 1,857" in splits.notes


def test_the_official_test_is_loaded_where_it_is_there(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({**MADE_UP, FILES["en test"].path: HEADER + "30000,good morning,0,0,0\n"})
    splits = load()
    assert [example.id for example in splits.test] == ["30000"]
    assert "test: 1 rows, unverified: the card states none" in splits.notes


def test_the_official_test_is_found_in_the_cache_too(mirror: Callable[[Mapping[str, str]], Path], own_cache: Path) -> None:
    mirror(MADE_UP)
    path = own_cache / FILES["en test"].path
    path.parent.mkdir()
    path.write_text(HEADER + "30001,good evening,0,0,0\n", encoding="utf-8")
    assert [example.id for example in load().test] == ["30001"]


def test_the_relabelled_test_has_the_other_labels_and_says_how_many_differ(
    mirror: Callable[[Mapping[str, str]], Path],
) -> None:
    official_rows = "30001,one tweet,0,0,0\n30003,another tweet,1,0,0\n30006,a third,0,0,0\n"
    mirror({**MADE_UP, FILES["en test"].path: HEADER + official_rows})
    assert [example.label for example in load().test] == ["not_hate", "hate", "not_hate"]
    splits = load(test="relabelled")
    assert [(example.text, example.label) for example in splits.test] == [
        ("one tweet", "hate"), ("another tweet", "hate"), ("a third", "not_hate"),
    ]  # fmt: skip
    assert any("they changed 1 to hate; 2,997 of their rows are not in this test" in note for note in splits.notes)
    assert splits.train == load().train


def test_the_relabelled_test_is_nothing_without_the_official_one(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    with pytest.raises(FetchError, match=r"hateval2019_en_test\.csv cannot be downloaded") as caught:
        load(test="relabelled")
    assert any("on request" in problem for problem in caught.value.problems)


def test_only_the_english_test_was_labelled_again(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    with pytest.raises(DataError, match="only the English test"):
        load(language="es", test="relabelled")


ORDERED = Splits(
    name="hateval",
    train=tuple(
        Example(
            text=f"tweet number {row} of {row * row}", id=str(5001 + row), labels={"hate": ("hate" if row < 400 else "not_hate",)}
        )
        for row in range(1_000)
    ),
)  # as the source has it: the first ids are all hate, the others none


@pytest.mark.parametrize("part_rows", [random, grouped, official])
def test_ids_ordered_by_label_are_shuffled_before_every_split(part_rows: Callable[..., Splits]) -> None:
    parted = part_rows(ORDERED, test_share=0.2, dev_share=0.1, near_duplicates="never")
    for part in ("train", "dev", "test"):
        rows = parted.part(part)
        places = [int(example.id) for example in rows]
        assert sum(example.label == "hate" for example in rows) / len(rows) == pytest.approx(0.4, abs=0.01)
        assert sum(places) / len(places) == pytest.approx(5_500, abs=60)  # from all of the file, not from one end of it


def test_training_batches_do_not_follow_the_order_of_ids() -> None:
    batches = batches_of_epoch([12] * 1_000, 50, seed=42, epoch=0)
    shares = [sum(row < 400 for row in batch) / len(batch) for batch in batches]
    assert 0.15 < min(shares) <= max(shares) < 0.65


def test_a_file_on_request_tells_where_to_ask() -> None:
    with pytest.raises(FetchError, match="on request"):
        load()


def test_consent_is_asked_for(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    with pytest.raises(LicenceError, match="HATETINYLLM_ACCEPT=hateval"):
        load_dataset("hateval")


@pytest.mark.data
def test_the_real_files_have_the_rows_of_the_task(real_data: Path) -> None:
    english, spanish = load(), load(language="es")
    assert count_labels(english) == {"train": {"hate": 3_783, "not_hate": 5_217}, "dev": {"hate": 427, "not_hate": 573}}
    assert count_labels(spanish) == {"train": {"hate": 1_857, "not_hate": 2_643}, "dev": {"hate": 222, "not_hate": 278}}
    assert sum("addressee" in example.labels for example in english.train) == 3_783
