import json
from dataclasses import replace
from pathlib import Path

from hatetinyllm.data.corpus.choose import choose_corpus
from hatetinyllm.data.corpus.places import find_places
from hatetinyllm.data.corpus.record import RECORD, Record, Source, key_of, open_record, write_record
from hatetinyllm.folder import written_whole

SOURCE = Source(name="chat", licences=("own",), files={"chat.txt": "0" * 64}, documents=5, dropped={"short documents": 2})


def test_a_record_is_read_back_for_its_key_alone(tmp_path: Path) -> None:
    record = Record(key="k", sources=(SOURCE,), notes=("a note",))
    with written_whole(tmp_path / "corpus") as folder:
        write_record(folder, record)
    assert open_record(tmp_path / "corpus", "k") == record
    assert open_record(tmp_path / "corpus", "other") is None
    assert open_record(tmp_path / "none", "k") is None


def test_a_damaged_folder_is_made_anew(tmp_path: Path) -> None:
    with written_whole(tmp_path / "corpus") as folder:
        write_record(folder, Record(key="k", sources=(SOURCE,)))
        (folder / "texts.bin").write_bytes(b"text")
    (tmp_path / "corpus" / "texts.bin").write_bytes(b"tent")
    assert open_record(tmp_path / "corpus", "k") is None
    told = json.loads((tmp_path / "corpus" / RECORD).read_text())
    (tmp_path / "corpus" / RECORD).write_text(json.dumps({**told, "new": 1}))
    assert open_record(tmp_path / "corpus", "k") is None


def test_the_key_holds_what_changes_the_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    chosen = choose_corpus(files=(str(path),))
    key = key_of(chosen, find_places(chosen.files))
    assert key_of(replace(chosen, seed=1, shares=("a=5",)), find_places(chosen.files)) == key
    assert key_of(replace(chosen, block_words=5), find_places(chosen.files)) != key
    assert key_of(replace(chosen, judged=("demo",)), find_places(chosen.files)) != key
    path.write_text("two")
    assert key_of(chosen, find_places(chosen.files)) != key


def test_a_source_says_what_was_lost_and_how_often_it_is_met() -> None:
    said = replace(SOURCE, units=3, characters=1_000, held_out_characters=10, epoch_characters=2_500).say()
    assert said == [
        "chat: 5 documents read; 3 units kept, 1,000 characters to learn and 10 held out; dropped: 2 short documents",
        "chat: 2,500 characters an epoch, 2.50 times what there is",
    ]
