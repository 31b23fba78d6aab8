import gzip
import json
import lzma
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hatetinyllm.data.corpus.documents import documents, read_documents, text_files
from hatetinyllm.errors import TableError


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def error_of(stream: Iterator[str]) -> str:
    with pytest.raises(TableError) as caught:
        list(stream)
    return str(caught.value)


def test_a_line_of_plain_text_is_a_document(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "\ufeffone\r\n\n   \n two\u2028three\x0bfour\nlast")
    assert list(documents(path)) == ["one", " two\u2028three\x0bfour", "last"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "one"}\n\n{"text": "two\\nlines", "more": 1}\n'),
        ("a.csv", 'id,text\n1,one\n2,"two\nlines"\n'),
        ("a.tsv", 'text\tid\none\t1\n"two\nlines"\t2\n'),
    ],
)
def test_tables_give_the_cells_of_the_column(tmp_path: Path, name: str, content: str) -> None:
    written(tmp_path / f"{name}.xz", lzma.compress(content.encode()))
    assert list(documents(written(tmp_path / name, content))) == ["one", "two\nlines"]
    assert list(documents(tmp_path / f"{name}.xz")) == ["one", "two\nlines"]


def test_parquet_gives_the_cells_of_the_column_and_no_value_is_no_document(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": ["one", None, "", "two"], "id": [1, 2, 3, 4]}), tmp_path / "a.parquet")
    assert list(documents(tmp_path / "a.parquet", column="body")) == ["one", "two"]
    assert "must hold texts, got int64" in error_of(documents(tmp_path / "a.parquet", column="id"))


def test_a_folder_and_a_pattern_mean_their_text_files_in_order(tmp_path: Path) -> None:
    written(tmp_path / "b.txt", "b")
    written(tmp_path / "a" / "z.txt.gz", gzip.compress(b"z"))
    written(tmp_path / "notes.md", "no text file of ours")
    written(tmp_path / ".hidden" / "c.txt", "c")
    assert list(documents(tmp_path)) == ["z", "b"]
    assert text_files(f"{tmp_path}/*.txt") == [tmp_path / "b.txt"]
    assert text_files(f"{tmp_path}/**/*") == [tmp_path / "a" / "z.txt.gz", tmp_path / "b.txt"]
    assert "no text file is there" in error_of(documents(f"{tmp_path}/*.csv"))


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    stream = documents(written(tmp_path / "a.txt", b"good\n" * 500_000 + b"\xff\n"))
    assert next(stream) == "good"
    assert "line 500001: byte 0xff is no UTF-8" in error_of(stream)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"fine\ncaf\xe9\n", "a.txt, line 2: byte 0xe9 is no UTF-8"),
        ("a.txt", "wide".encode("utf-16"), "this is UTF-16"),
        ("a.csv", b"id,texts\n1,one\n", "no column 'text' (did you mean 'texts'?)"),
        ("a.csv", b"id,text\n1,one\n2\n", "line 3: 1 cells, expected 2"),
        ("a.csv", b'text\n"open\nquote\n', "line 2: this row cannot be read"),
        ("a.jsonl", b'{"text": "one"}\n{"text"\n', "line 2: broken JSON"),
        ("a.jsonl", b'{"body": "one"}\n', "line 1: there is no field 'text'"),
        ("a.jsonl", b'{"text": 5}\n', "line 1: the field 'text' must be a text, got int"),
        ("a.jsonl", b'["text"]\n', "line 1: an object was expected, got list"),
        ("a.parquet", b"PAR1 no", "no Parquet file, or a damaged one"),
        ("a.docx", b"", "the ending '.docx' is unknown"),
        ("a.parquet.gz", b"", "Parquet packs its own columns"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    assert told in error_of(documents(written(tmp_path / name, content)))


def test_a_name_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    written(tmp_path / "books.txt", "x")
    assert "did you mean 'books.txt'?" in error_of(documents(tmp_path / "boks.txt"))
    assert "there is no folder" in error_of(documents(tmp_path / "no" / "books.txt"))


def test_half_a_character_does_not_reach_the_writer_of_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", json.dumps({"text": "x \ud83d"}))
    assert [text.encode("utf-8") for text in read_documents(path)] == [b"x ?"]
