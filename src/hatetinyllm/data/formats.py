"""
A user's file as records: CSV, TSV and JSON lines, plain or gzipped; Parquet is passed on to its own module.

This file knows bytes, lines and cells; what a cell means is the business of `table`. A record that cannot be read keeps
its line and gets a reason, so that the lines after it are still read. Lines are physical lines, counted from 1.
"""

import codecs
import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path

from hatetinyllm.data.rows import large_cells
from hatetinyllm.errors import TableError
from hatetinyllm.registry import find

KINDS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
}
DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
DELIMITER_WORDS = {"\\t": "\t", "tab": "\t"}  # what a shell makes it hard to type
OTHER_DELIMITERS = (";", "\t", "|", ",")  # tried where the header line lacks the usual one
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FOREIGN = {
    b"PK\x03\x04": "a zip or Excel file: save it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel file: save it as CSV",
    b"PAR1": "a Parquet file: let its name end in .parquet",
    b"\x1f\x8b": "compressed by gzip: let its name end in .gz",
}
SAMPLE_BYTES = 4096
BAD_BYTE = re.compile("[\udc80-\udcff]")  # where surrogateescape puts a byte that the encoding does not have


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row as it stands in the file: the wanted cells, or the reason why there are none."""

    line: int
    cells: Mapping[str, object] | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file's columns and records, how it was read, and what its reader should know."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]
    encoding: str = "utf-8"
    delimiter: str = ""
    notes: tuple[str, ...] = ()


def ending_of(path: Path) -> str:
    """The ending that tells the format: `.csv` of `texts.csv.gz`; Parquet has its own compression."""
    endings = [ending.lower() for ending in path.suffixes]
    if endings[-1:] == [".gz"] and endings[-2:-1] != [".parquet"]:
        endings.pop()
    return endings[-1] if endings else ""


def stem_of(path: Path) -> str:
    """The file's name without its endings: `texts` of `texts.csv.gz`."""
    return path.name[: -len(".gz")].rpartition(".")[0] if path.suffix.lower() == ".gz" else path.stem


def read_sheet(path: Path, wanted: Sequence[str], *, encoding: str, delimiter: str | None, quoted: bool) -> Sheet:
    """A file's records, with the cells of the wanted columns only."""
    kind = KINDS[ending_of(path)]
    try:
        if kind == "parquet":
            sheet: Sheet = find("hatetinyllm.data.parquet:read_parquet")(path, wanted)
            return sheet
        with _opened(path, encoding) as (stream, used):
            if kind == "json":
                sheet = _json_lines(stream, wanted, used)
            else:
                sheet = _delimited(stream, wanted, used, delimiter or DELIMITERS[ending_of(path)], delimiter is None, quoted)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TableError(f"{path}: its gzip compression is damaged: {error}") from error
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeError as error:
        raise TableError(
            f"{path}: {error.__class__.__name__}", [str(error), 'is the encoding right? try encoding="utf-8"']
        ) from error
    except TableError as error:
        raise TableError(f"{path}: {error.message}", error.problems) from error
    mark = (
        [f"{path.name} opens with a byte order mark, so it was read as {used}"]
        if used != encoding and used != "utf-8-sig"
        else []
    )
    return replace(sheet, encoding=used.removesuffix("-sig"), notes=(*mark, *(f"{path.name}: {note}" for note in sheet.notes)))


def bad_byte(cells: Iterable[object], encoding: str) -> str:
    """The reason to set a record aside when one of its strings holds a byte that the encoding does not have."""
    for cell in cells:
        if isinstance(cell, str) and (found := BAD_BYTE.search(cell)):
            return f"wrong bytes: 0x{ord(found.group()) - 0xDC00:02x} is not {encoding.removesuffix('-sig')}"
    return ""


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[tuple[TextIOWrapper, str]]:
    """The file as text, and the encoding it is read in: a byte order mark is believed before the option."""
    with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as raw:
        sample = raw.read(SAMPLE_BYTES)
        used = next((name for mark, name in BYTE_ORDER_MARKS if sample.startswith(mark)), encoding)
        _check_sample(sample, used)
        raw.seek(0)
        with TextIOWrapper(raw, encoding=used, errors="surrogateescape", newline="") as stream:
            yield stream, used


def _check_sample(sample: bytes, encoding: str) -> None:
    """Refuse what is plainly no text in this encoding, before thousands of rows say so one by one."""
    if not sample.removeprefix(codecs.BOM_UTF8).strip():
        raise TableError("the file is empty")
    if foreign := next((what for mark, what in FOREIGN.items() if sample.startswith(mark)), None):
        raise TableError(f"this is {foreign}")
    wide = encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    if not wide and sample.count(0) > len(sample) // 4:
        low = sum(byte == 0 for byte in sample[1::2])
        better = "utf-16-le" if low > sample.count(0) // 2 else "utf-16-be"
        raise TableError("every other byte is NUL, as in UTF-16 without its mark", [f'try encoding="{better}"'])


def _delimited(stream: TextIOWrapper, wanted: Sequence[str], encoding: str, delimiter: str, guess: bool, quoted: bool) -> Sheet:
    first = stream.readline()
    while first and not first.strip():
        first = stream.readline()
    other = next((sign for sign in OTHER_DELIMITERS if sign in first), delimiter)
    used = other if guess and delimiter not in first else delimiter
    stream.seek(0)
    with large_cells():
        rows = _cells(stream, DELIMITER_WORDS.get(used, used), quoted)
        header = next(rows, None)
        if header is None:
            raise TableError("the file is empty")
        if header.wrong:
            raise TableError(f"its header line cannot be read: {header.wrong}", ["try quoted=false"])
        columns = tuple(name.strip() for name in header.cells)
        records = tuple(record for row in rows for record in _records(row, columns, wanted, encoding))
    notes = [f"the header line has no {delimiter!r}, so {used!r} was taken for the delimiter"] if used != delimiter else []
    return Sheet(columns=columns, records=records, delimiter=used, notes=tuple(notes))


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """One row as the csv module sees it: where it starts and ends, and what is wrong with its quotes."""

    line: int
    last_line: int
    cells: list[str]
    wrong: str = ""


def _cells(stream: Iterable[str], delimiter: str, quoted: bool) -> Iterator[_Cells]:
    """The rows of a file; the reader is strict, and goes on at the next line after a row it cannot read."""
    ended = []

    def lines() -> Iterator[str]:
        yield from stream
        ended.append(True)  # asked for more inside a row: the reader waits for a quote to close

    reader = csv.reader(lines(), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            wrong = "open quote: it is never closed" if ended else f"broken quotes: {error}"
            wrong = "too long: beyond what a cell can hold" if "limit" in wrong else wrong
            yield _Cells(line=line, last_line=reader.line_num, cells=[], wrong=wrong)
            continue
        if len(cells) > 1 or any(cell.strip() for cell in cells):
            yield _Cells(line=line, last_line=reader.line_num, cells=cells)


def _records(row: _Cells, columns: tuple[str, ...], wanted: Sequence[str], encoding: str) -> Iterator[Record]:
    """The record of a row; a broken row gives one for each of its lines, for a stray quote swallows good rows."""
    if row.wrong or len(row.cells) != len(columns):
        counted = f"wrong number of cells: {len(row.cells)}, expected {len(columns)}"
        yield Record(line=row.line, reason=row.wrong or counted)
        for line in range(row.line + 1, row.last_line + 1):
            yield Record(line=line, reason=f"in a broken row: it starts at line {row.line}")
        return
    cells = {name: cell for name, cell in zip(columns, row.cells, strict=True) if name in wanted}
    yield Record(line=row.line, cells=cells, reason=bad_byte(cells.values(), encoding))


def _json_lines(stream: TextIOWrapper, wanted: Sequence[str], encoding: str) -> Sheet:
    columns: dict[str, None] = {}
    records = []
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        found, reason = _json_object(line)
        columns |= dict.fromkeys(found)
        cells = {name: found[name] for name in wanted if name in found}
        records.append(Record(line=number, cells=cells, reason=reason or bad_byte([line], encoding)))
    return Sheet(columns=tuple(columns), records=tuple(records))


def _json_object(line: str) -> tuple[dict[str, object], str]:
    """The object of a line and nothing, or nothing and the reason."""
    try:
        found = json.loads(line.rstrip("\r\n"))
    except json.JSONDecodeError as error:
        return {}, f"broken JSON: {error.msg}, column {error.colno}"
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets thousands deep
        return {}, "broken JSON: a number or a nesting beyond all measure"
    return (found, "") if isinstance(found, dict) else ({}, f"no JSON object: {type(found).__name__}")
