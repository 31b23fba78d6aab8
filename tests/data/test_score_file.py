"""Scores come back as they were written, and what is wrong with a file is told in words, together."""

from pathlib import Path

import pytest

from hatetinyllm.data.parquet import read_metadata
from hatetinyllm.data.score_file import check_ending, read_scores, require_scores, some, write_scores
from hatetinyllm.errors import DataError

SCORES = {"a": 0.25, "set/b": 1.0, "c": 0.0}


@pytest.mark.parametrize("name", ["scores.jsonl", "scores.parquet"])
def test_scores_come_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / "new" / name
    write_scores(SCORES, path, {"digest": "0"})
    assert read_scores(path) == SCORES
    assert name.endswith("jsonl") or read_metadata(path) == {"digest": "0"}


def test_all_that_is_wrong_with_a_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    lines = ['{"id": "a", "score": 1.5}', '{"id": "b", "score": "high"}', '{"id": "b", "score": 0.5}', '{"score": 1}', "no"]
    path.write_text("\n".join([*lines, '{"id": 7, "score": NaN}', '{"id": 8, "score": true}', '{"id": 9}']), encoding="utf-8")
    with pytest.raises(DataError, match="no file of scores") as told:
        read_scores(path)
    unread, nameless, twice, outside = told.value.problems
    assert "the first at line 5: broken JSON" in unread
    assert nameless == "1 rows have no id"
    assert twice == "1 ids stand twice: b"
    assert outside == "5 scores are no number from 0 to 1, the first: a has 1.5"


def test_a_file_without_its_columns_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_text('{"name": "a", "score": 1}\n', encoding="utf-8")
    with pytest.raises(DataError) as told:
        read_scores(path)
    assert told.value.problems == ("there is no column 'id'",)
    with pytest.raises(DataError, match="no such file"):
        require_scores(tmp_path / "gone.jsonl")
    (tmp_path / "scores.csv").touch()
    with pytest.raises(DataError, match="JSON lines or Parquet"):
        require_scores(tmp_path / "scores.csv")
    with pytest.raises(DataError, match=r"\.jsonl or \.parquet"):
        check_ending(tmp_path / "scores.csv")


def test_of_many_names_a_few_are_told() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some(list("abcdefg")) == "a, b, c, d, e, ..."
