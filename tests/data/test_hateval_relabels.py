"""The other labels of HatEval's test: joined by id, counted where they differ, never guessed."""

from pathlib import Path

import pytest

from hatetinyllm.data.hateval_relabels import TABLE, labels_by_id, relabelled
from hatetinyllm.errors import DataError
from hatetinyllm.types import Example

MADE_UP = "id,HS,TR\n1,1,0\n2,1,1\n3,0,0\n4,1,0\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(MADE_UP, encoding="utf-8")
    return path


def rows(**labels: str) -> list[Example]:
    return [Example(text="build a bridge", id=id.strip("_"), labels={"hate": (label,)}) for id, label in labels.items()]


def test_labels_are_joined_by_id_in_the_order_of_the_official_test(table: Path) -> None:
    found = relabelled(rows(_4="hate", _2="not_hate", _3="not_hate", _1="not_hate"), table)
    assert [(example.id, example.label) for example in found.examples] == [
        ("4", "hate"), ("2", "hate"), ("3", "not_hate"), ("1", "hate"),
    ]  # fmt: skip
    assert found.changed == {"hate": 2}
    assert found.note == "test: labels of Wang and Banko (2021); of 4 rows they changed 2 to hate"
    assert found.examples[1].labels["addressee"] == ("individual",)
    assert "addressee" not in found.examples[2].labels


def test_labels_whose_row_is_not_there_are_counted(table: Path) -> None:
    assert relabelled(rows(_3="not_hate"), table).note.endswith("they changed none; 3 of their rows are not in this test")


def test_a_row_without_another_label_is_refused(table: Path) -> None:
    with pytest.raises(DataError, match="2 of 3 test rows") as caught:
        relabelled(rows(_1="hate", _8="hate", _9="hate"), table)
    assert "8, 9" in caught.value.problems[0]


def test_what_comes_with_us_is_the_published_table_and_its_licence() -> None:
    labels = labels_by_id()
    assert len(labels) == 3_000
    assert sum(one["hate"] == ("hate",) for one in labels.values()) == 1_901
    assert TABLE.read_text(encoding="utf-8").splitlines()[0] == "id,HS,TR"  # and no text
    licence = TABLE.with_name("hateval_relabels_licence.txt").read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "Copyright (c) 2021 Sentropy" in licence
