"""A file's records as they stand: lines, wanted cells, and a reason where a line cannot be read."""

from pathlib import Path

import pytest

from hatetinyllm.data.formats import Record, Sheet, bad_byte, ending_of, read_sheet, stem_of
from hatetinyllm.errors import TableError


def read(path: Path, content: bytes, wanted: tuple[str, ...] = ("text",)) -> Sheet:
    path.write_bytes(content)
    return read_sheet(path, wanted, encoding="utf-8", delimiter=None, quoted=True)


@pytest.mark.parametrize(
    ("name", "ending", "stem"),
    [
        ("mine.csv", ".csv", "mine"),
        ("mine.CSV.gz", ".csv", "mine"),
        ("my.own.jsonl", ".jsonl", "my.own"),
        ("my.own.tsv.GZ", ".tsv", "my.own"),
        ("mine.parquet.gz", ".gz", "mine"),  # not a form that anybody writes
        ("mine", "", "mine"),
        ("mine.gz", "", ""),
    ],
)
def test_the_ending_tells_the_format_and_the_rest_the_name(name: str, ending: str, stem: str) -> None:
    assert (ending_of(Path(name)), stem_of(Path(name))) == (ending, stem)


def test_only_wanted_cells_are_kept_and_all_columns_are_known(tmp_path: Path) -> None:
    sheet = read(tmp_path / "mine.csv", b"id, text ,note\n1,words,long\n")
    assert sheet.columns == ("id", "text", "note")
    assert sheet.records == (Record(line=2, cells={"text": "words"}),)
    assert (sheet.encoding, sheet.delimiter, sheet.notes) == ("utf-8", ",", ())


def test_the_columns_of_json_lines_are_those_of_all_objects(tmp_path: Path) -> None:
    sheet = read(tmp_path / "mine.jsonl", b'{"a": 1}\n\n{"text": "words", "a": 2}\n[]\n')
    assert sheet.columns == ("a", "text")
    assert [(record.line, record.cells, record.reason) for record in sheet.records] == [
        (1, {}, ""),
        (3, {"text": "words"}, ""),
        (4, {}, "no JSON object: list"),
    ]


def test_the_lines_after_a_broken_row_are_read(tmp_path: Path) -> None:
    sheet = read(tmp_path / "mine.csv", b'text,label\n"words" more,1\n"two\nlines",1,1\nwords,1\n')
    assert [(record.line, bool(record.reason)) for record in sheet.records] == [(2, True), (3, True), (4, True), (5, False)]


def test_a_strange_byte_is_named() -> None:
    assert bad_byte([None, 1, "words"], "utf-8") == ""
    assert bad_byte(["caf\udcff"], "utf-8-sig") == "wrong bytes: 0xff is not utf-8"


def test_a_file_that_cannot_be_opened_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read: No such file"):
        read_sheet(tmp_path / "gone.csv", ("text",), encoding="utf-8", delimiter=None, quoted=True)
