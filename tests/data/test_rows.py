"""Rows of a known source: the line each starts on, cells of any size, and no surprise without an error."""

import csv
from pathlib import Path

import pytest

from hatetinyllm.data.rows import large_cells, read_csv
from hatetinyllm.errors import DataError


def write(folder: Path, text: str) -> Path:
    path = folder / "made-up.csv"
    path.write_bytes(text.encode("utf-8"))
    return path


def test_a_row_knows_the_line_it_starts_on(tmp_path: Path) -> None:
    rows = read_csv(write(tmp_path, '\ufeffid,text\n1,"two\nlines"\n\n2,words\n'))
    assert [(row.line, row["id"], row["text"]) for row in rows] == [(2, "1", "two\nlines"), (5, "2", "words")]


def test_columns_can_be_named_and_quotes_be_plain(tmp_path: Path) -> None:
    rows = read_csv(write(tmp_path, '1\t"words\n'), delimiter="\t", columns=("id", "text"), quoted=False)
    assert rows[0].cells == {"id": "1", "text": '"words'}


def test_a_row_with_other_cells_than_the_header_is_an_error_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"made-up\.csv, line 3: 1 cells, expected 2"):
        read_csv(write(tmp_path, "id,text\n1,words\n2\n"))


def test_the_csv_modules_limit_is_lifted_and_put_back(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    assert len(read_csv(write(tmp_path, f"id,text\n1,{'w' * (before + 1)}\n"))[0]["text"]) == before + 1
    with pytest.raises(DataError), large_cells():
        raise DataError("inside")
    assert csv.field_size_limit() == before
