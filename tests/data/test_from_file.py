"""A split of ids and parts is written and read again, and anything that does not fit is told at once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.data.from_file import LEFT_OUT, check_ending, from_file, write_split
from hatetinyllm.data.parquet import read_metadata
from hatetinyllm.errors import DataError
from hatetinyllm.folder import digest_of
from hatetinyllm.types import PARTS, Example, Splits

SPLITS = Splits(
    name="made-up",
    train=tuple(Example(text=f"text {n}", id=f"a{n}", labels={"hate": ("hate",)}) for n in range(4)),
    test=(Example(text="another", id='odd, "id"', labels={"hate": ("not_hate",)}),),
)
PLACE = {"a0": "dev", "a1": LEFT_OUT, "a3": "test", 'odd, "id"': "train"}  # a2 is named nowhere


@pytest.fixture
def given_file(tmp_path: Path) -> Callable[[str], str]:
    def make(text: str) -> str:
        path = tmp_path / "split.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return make


@pytest.mark.parametrize("name", ["split.csv", "split.parquet", "new/folder/split.CSV"])
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    digest = write_split(PLACE, SPLITS, path)
    found = from_file(SPLITS, path=str(path), digest=digest)
    assert {part: [example.id for example in found.part(part)] for part in PARTS} == {
        "train": ['odd, "id"'],
        "dev": ["a0"],
        "test": ["a3"],
    }
    assert found.how == f"from-file ({path.name})"
    assert found.files == {f"split: {path.name}": digest_of(path)}
    assert found.notes == (f"2 of 5 rows left out, as {path.name} says",)


def test_no_text_is_written_and_parquet_says_which_rows_it_is_of(tmp_path: Path) -> None:
    digest = write_split(PLACE, SPLITS, tmp_path / "s.csv")
    lines = (tmp_path / "s.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["id,part", "a0,dev", "a1,left_out", "a2,left_out", "a3,test", '"odd, ""id""",train']
    write_split(PLACE, SPLITS, tmp_path / "s.parquet")
    assert read_metadata(tmp_path / "s.parquet") == {"dataset": "made-up", "digest": digest}


@settings(max_examples=25, deadline=None)
@given(places=st.lists(st.sampled_from([*PARTS, LEFT_OUT]), min_size=5, max_size=5))
def test_every_row_stands_where_the_file_says(places: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("split") / "s.csv"
    place = dict(zip([example.id for example in SPLITS.rows()], places, strict=True))
    write_split(place, SPLITS, path)
    found = from_file(SPLITS, path=str(path))
    there = {example.id: part for part in PARTS for example in found.part(part)}
    assert there == {name: part for name, part in place.items() if part != LEFT_OUT}


def test_unknown_and_missing_ids_are_one_error(given_file) -> None:
    path = given_file("id,part\na0,train\na1,dev\nstranger,test\nother,test\n")
    with pytest.raises(DataError, match=r"is no split of these rows of made-up") as error:
        from_file(SPLITS, path=path)
    assert error.value.problems == (
        "2 of 4 ids of the file are no row's: stranger, other",
        '3 of 5 rows are not in the file: a2, a3, odd, "id"',
    )


def test_rows_that_changed_are_refused_where_a_digest_is_given(tmp_path: Path) -> None:
    digest = write_split(PLACE, SPLITS, tmp_path / "s.csv")
    changed = replace(SPLITS, train=(replace(SPLITS.train[0], text="changed"), *SPLITS.train[1:]))
    assert from_file(changed, path=str(tmp_path / "s.csv")).dev[0].text == "changed"
    with pytest.raises(DataError, match="not those it was written for"):
        from_file(changed, path=str(tmp_path / "s.csv"), digest=digest)


def test_a_broken_file_is_told_whole(given_file) -> None:
    path = given_file("id,part\na0,trian\na1,train\na1,dev\nbroken\n")
    with pytest.raises(DataError, match="is no split file") as error:
        from_file(SPLITS, path=path)
    said = "\n".join(error.value.problems)
    assert "1 rows cannot be read, the first at line 5" in said
    assert "there is no part 'trian' (did you mean 'train'?): 1 rows" in said
    assert "1 ids stand twice: a1" in said


@pytest.mark.parametrize(("text", "said"), [("name,part\na,train\n", "no column 'id'"), ("x,y\n1,2\n", "no column 'part'")])
def test_a_file_without_its_columns_is_told(text: str, said: str, given_file) -> None:
    with pytest.raises(DataError) as error:
        from_file(SPLITS, path=given_file(text))
    assert any(said in problem for problem in error.value.problems)


def test_a_file_that_is_not_there_or_of_no_known_kind_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(DataError, match="no split file of this name"):
            from_file(SPLITS, path=str(path))
    with pytest.raises(DataError, match="no file is named"):
        from_file(SPLITS)
    with pytest.raises(DataError, match=r"written as \.parquet or \.csv"):
        check_ending(Path("split.tsv"))
