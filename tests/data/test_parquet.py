"""Parquet in and out: what was written reads back, says what it is, and appears whole or not at all."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatetinyllm.data.checks import digest_rows
from hatetinyllm.data.parquet import read_metadata, write_columns, write_parquet
from hatetinyllm.data.table import load
from hatetinyllm.errors import DataError, MissingExtra, TableError
from hatetinyllm.types import Example, Rejected, Splits

FULL = Example(
    id="a",
    text="all gr**p are bad",
    labels={"hate": ("hate",), "type": ("derogation", "threat"), "target": ()},
    language="de",
    round="2",
    perturbed=False,
    partners=("b",),
    group="7",
    slice="slur",
    mentions=("women",),
    spans=((0, 3), (4, 9)),
    context="and?",
    score=0.5,
)
BARE = Example(id="b", text="kind words", labels={"hate": ("not_hate",)})
SPLITS = Splits(
    name="made-up",
    train=(FULL,),
    test=(BARE,),
    licences=("cc-by-4.0",),
    files={"/somebody/at/home/up.csv": "0" * 64},
    rejected=(Rejected(line=3, reason="no text"),),
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "new folder" / "made-up.parquet"
    write_parquet(SPLITS, path)
    return path


def parquet(tmp_path: Path, columns: dict[str, pa.Array]) -> str:
    path = tmp_path / "mine.parquet"
    pq.write_table(pa.table(columns), path)
    return str(path)


def test_a_row_keeps_everything_that_is_known_of_it(written: Path) -> None:
    full, bare = pq.read_table(written).to_pylist()
    assert full == {
        "id": "a",
        "text": "all gr**p are bad",
        "part": "train",
        "hate": "hate",
        "type": ["derogation", "threat"],
        "target": [],
        "round": "2",
        "perturbed": False,
        "partners": ["b"],
        "group": "7",
        "slice": "slur",
        "mentions": ["women"],
        "spans": [{"start": 0, "end": 3}, {"start": 4, "end": 9}],
        "context": "and?",
        "score": 0.5,
        "language": "de",
    }
    assert (bare["part"], bare["hate"], bare["type"], bare["target"], bare["spans"]) == ("test", "not_hate", None, None, None)


def test_the_file_says_what_it_is_and_not_where_it_was_made(written: Path) -> None:
    told = read_metadata(written)
    assert (told["dataset"], told["licences"], told["rejected"]) == ("made-up", ["cc-by-4.0"], 1)
    assert told["digest"] == digest_rows(SPLITS)
    assert told["files"] == {"up.csv": "0" * 64}
    assert b"somebody" not in written.read_bytes()


def test_the_digest_changes_with_every_thing_a_model_learns_from() -> None:
    others = [
        Splits(name="made-up", train=(BARE,), test=(FULL,)),
        Splits(name="made-up", train=(FULL, BARE)),
        Splits(name="made-up", train=(FULL,)),
        Splits(name="made-up", train=(FULL,), test=(Example(id="b", text="kind words", labels={"hate": ("hate",)}),)),
        Splits(name="made-up", train=(FULL,), test=(Example(id="b", text="kind word", labels={"hate": ("not_hate",)}),)),
    ]
    assert len({digest_rows(splits) for splits in [SPLITS, *others]}) == 6


def test_the_same_rows_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_parquet(SPLITS, tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == written.read_bytes()


def test_what_was_written_can_be_read_as_a_table(written: Path) -> None:
    splits = load(path=str(written), label="hate", id="id", group="group")
    assert [(row.id, row.text, row.label, row.group, row.line) for row in splits.train] == [
        ("a", "all gr**p are bad", "hate", "7", 1),
        ("b", "kind words", "not_hate", None, 2),
    ]


def test_nothing_half_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "made-up.parquet"
    path.write_bytes(b"the old file")

    def fail(table: pa.Table, place: Path, **options: object) -> None:
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", fail)
    with pytest.raises(DataError, match=r"made-up\.parquet cannot be written: No space left"):
        write_parquet(SPLITS, path)
    assert path.read_bytes() == b"the old file"
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_data_set_is_written_too(tmp_path: Path) -> None:
    write_parquet(Splits(name="made-up"), tmp_path / "empty.parquet")
    assert pq.read_table(tmp_path / "empty.parquet").num_rows == 0


TEXTS = pa.array(["kind words", "all gr**p are bad"])


@pytest.mark.parametrize(
    "texts",
    [TEXTS, TEXTS.cast(pa.large_string()), TEXTS.dictionary_encode(), TEXTS.cast(pa.binary())],
    ids=["string", "large string", "dictionary", "binary"],
)
@pytest.mark.parametrize(
    "labels",
    [pa.array([0, 1]), pa.array([0.0, 1.0]), pa.array([False, True]), pa.array(["0", "1"]).dictionary_encode()],
    ids=["int", "float", "bool", "dictionary"],
)
def test_texts_and_labels_may_have_any_of_the_usual_types(texts: pa.Array, labels: pa.Array, tmp_path: Path) -> None:
    splits = load(path=parquet(tmp_path, {"text": texts, "label": labels}))
    assert [(row.text, row.label) for row in splits.train] == [("kind words", "not_hate"), ("all gr**p are bad", "hate")]


def test_bad_rows_are_set_aside_with_their_row_number(tmp_path: Path) -> None:
    raw = pa.array([b"words", None, b"", b"caf\xe9", b"words", b"words"])
    texts = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers(), raw.null_count)  # Arrow does not check the bytes
    path = parquet(tmp_path, {"text": texts, "label": pa.array(["1", "1", "1", "1", None, "maybe"])})
    splits = load(path=path, max_bad_share=1.0)
    assert [(row.line, row.reason) for row in splits.rejected] == [
        (2, "no text"),
        (3, "no text"),
        (4, "wrong bytes: 0xe9 is not utf-8"),
        (5, "no label"),
        (6, "unknown label: 'maybe'"),
    ]


def test_missing_columns_are_named_even_if_none_is_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="columns: 'words', 'verdict'"):
        load(path=parquet(tmp_path, {"words": pa.array(["x"]), "verdict": pa.array([1])}))


def test_a_parquet_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no rows"):
        load(path=parquet(tmp_path, {"text": pa.array([], pa.string()), "label": pa.array([], pa.string())}))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = Path(parquet(tmp_path, {"text": TEXTS, "label": pa.array([0, 1])}))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TableError, match="damaged"):
        load(path=str(path))


def test_a_strangers_file_says_nothing_of_itself(tmp_path: Path) -> None:
    assert read_metadata(Path(parquet(tmp_path, {"text": TEXTS}))) == {}


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path, {"text": TEXTS, "label": pa.array([0, 1])})
    monkeypatch.delitem(sys.modules, "hatetinyllm.data.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"hatetinyllm\.data\.parquet needs pyarrow"):
        load(path=path)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=20).filter(lambda text: text.strip() and "\0" not in text), st.booleans()))
)
def test_any_texts_come_back_as_they_went_in(tmp_path: Path, rows: list[tuple[str, bool]]) -> None:
    rows = [*rows, ("words", True)]
    examples = [
        Example(id=str(n), text=text, labels={"hate": ("hate" if hate else "not_hate",)}) for n, (text, hate) in enumerate(rows)
    ]
    write_parquet(Splits(name="made-up", dev=tuple(examples)), tmp_path / "made-up.parquet")
    splits = load(path=str(tmp_path / "made-up.parquet"), label="hate", id="id")
    assert [(row.id, row.text, row.label) for row in splits.train] == [(row.id, row.text, row.label) for row in examples]


def test_columns_of_strings_are_written_with_what_they_are_told(tmp_path: Path) -> None:
    write_columns({"id": ["a", "b"], "part": ["train", "test"]}, tmp_path / "new" / "split.parquet", {"digest": "0"})
    assert pq.read_table(tmp_path / "new" / "split.parquet").to_pydict() == {"id": ["a", "b"], "part": ["train", "test"]}
    assert read_metadata(tmp_path / "new" / "split.parquet") == {"digest": "0"}
