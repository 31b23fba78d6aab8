"""
Text files as a lazy stream of documents: plain text, JSON lines, CSV, TSV and Parquet, packed or not.

In `.txt` a line is a document. Whoever pretrains on a file wants all of it, so nothing is set aside: the first line that
cannot be read ends the stream with its place and the reason. Lines are physical lines, counted from 1.
"""

import codecs
import csv
import json
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from io import BufferedReader
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hatetinyllm.data.corpus.packing import PACKINGS, ending_of, unpacked
from hatetinyllm.errors import TableError, did_you_mean

DELIMITERS = {".csv": ",", ".tsv": "\t"}
GLOB_SIGNS = "*?["
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)  # the mark of UTF-32-LE begins as UTF-16-LE's


def documents(source: str | Path, *, column: str = "text") -> Iterator[str]:
    """The documents of a file, of all such files of a folder, or of a pattern, in order of path; empty lines are none."""
    for path in text_files(source):
        yield from read_documents(path, column=column)


def text_files(source: str | Path) -> list[Path]:
    """The files a source means: itself, those of a folder that can be read here, or what a pattern matches."""
    path = Path(source).expanduser()
    if path.is_file():
        if problem := _unreadable(path):
            raise TableError(problem)
        return [path]
    if path.is_dir():
        found = [other for other in path.rglob("*") if _is_text(other, path)]
    elif any(sign in str(path) for sign in GLOB_SIGNS):
        root = Path(path.anchor)
        found = [other for other in root.glob(str(path.relative_to(root))) if _is_text(other, root)]
    else:
        raise TableError(_missing(path))
    if not found:
        raise TableError(f"{path}: no text file is there", [f"known are {_known()}"])
    return sorted(found)


def read_documents(path: Path, *, column: str = "text") -> Iterator[str]:
    """The documents of one file."""
    if (ending := ending_of(path)) == ".parquet":
        yield from _parquet(path, column)
        return
    with unpacked(path) as stream:
        _refuse_wide(path, stream)
        for text in READERS[ending](path, stream, column):
            if text and not text.isspace():
                yield text


def _lines(path: Path, stream: BufferedReader) -> Iterator[str]:
    """The lines with their ends; a byte that is no UTF-8 is an error that names its line."""
    for number, line in enumerate(stream, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            byte = f"0x{error.object[error.start]:02x}"
            raise TableError(
                f"{path}, line {number}: byte {byte} is no UTF-8", ["save the file as UTF-8 (as by `iconv -f cp1252 -t utf-8`)"]
            ) from error


def _plain(path: Path, stream: BufferedReader, column: str) -> Iterator[str]:
    for line in _lines(path, stream):
        yield line.rstrip("\r\n")


def _json_lines(path: Path, stream: BufferedReader, column: str) -> Iterator[str]:
    for number, line in enumerate(_lines(path, stream), start=1):
        if not line.isspace():
            yield _json_text(line, column, f"{path}, line {number}")


def _json_text(line: str, column: str, where: str) -> str:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise TableError(f"{where}: broken JSON: {error.msg}, column {error.colno}", ["one object is expected a line"]) from error
    except (ValueError, RecursionError) as error:
        raise TableError(f"{where}: a number or a nesting beyond all measure") from error
    if not isinstance(found, dict):
        raise TableError(f"{where}: an object was expected, got {type(found).__name__}")
    if column not in found:
        raise TableError(f"{where}: there is no field {column!r} ({did_you_mean(column, found)})")
    if not isinstance(found[column], str):
        raise TableError(f"{where}: the field {column!r} must be a text, got {type(found[column]).__name__}")
    text: str = found[column]
    return text.encode("utf-8", "replace").decode("utf-8")  # JSON can spell half a character, which nobody can write


def _cells(path: Path, stream: BufferedReader, column: str) -> Iterator[str]:
    reader = csv.reader(_lines(path, stream), delimiter=DELIMITERS[ending_of(path)], strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        place = _place(path, header, column)
        line = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(header):
                raise TableError(f"{path}, line {line}: {len(cells)} cells, expected {len(header)}")
            if cells:
                yield cells[place]
            line = reader.line_num + 1
    except csv.Error as error:
        hint = "JSON lines hold texts of any length, and any quotes"
        raise TableError(f"{path}, line {line}: this row cannot be read: {error}", [hint]) from error


def _parquet(path: Path, column: str) -> Iterator[str]:
    """Rows of a Parquet file; no value is no document. Arrow does not check the bytes of strings, so they are decoded here."""
    row = 0
    try:
        with pq.ParquetFile(path) as file:
            _place(path, list(file.schema_arrow.names), column)
            kind = file.schema_arrow.field(column).type
            if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
                raise TableError(f"{path}: the column {column!r} must hold texts, got {kind}")
            for batch in file.iter_batches(batch_size=1024, columns=[column]):
                for value in batch.column(0).cast(pa.large_binary()).to_pylist():
                    row += 1
                    text = value.decode("utf-8") if value else ""
                    if text and not text.isspace():
                        yield text
    except UnicodeDecodeError as error:
        raise TableError(f"{path}, row {row}: the text is no UTF-8") from error
    except pa.ArrowException as error:
        raise TableError(f"{path}: no Parquet file, or a damaged one", [str(error).splitlines()[0]]) from error
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from error


READERS: dict[str, Callable[[Path, BufferedReader, str], Iterator[str]]] = {
    ".txt": _plain,
    ".jsonl": _json_lines,
    ".csv": _cells,
    ".tsv": _cells,
}


def _place(path: Path, columns: list[str], column: str) -> int:
    if column not in columns:
        raise TableError(
            f"{path}: there is no column {column!r} ({did_you_mean(column, columns)})", ["name yours by corpus.column"]
        )
    return columns.index(column)


def _refuse_wide(path: Path, stream: BufferedReader) -> None:
    if stream.peek(4).startswith(WIDE):
        raise TableError(f"{path}: this is UTF-16 or UTF-32", ["save the file as UTF-8"])


def _is_text(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return not hidden and not _unreadable(path) and path.is_file()


def _unreadable(path: Path) -> str:
    """Why a file's name tells no format that is read here, or nothing."""
    ending = ending_of(path)
    if ending == ".parquet" and path.suffix.lower() in PACKINGS:
        return f"{path}: Parquet packs its own columns, so unpack this file once"
    return "" if ending in (*READERS, ".parquet") else f"{path}: the ending {ending!r} is unknown (known: {_known()})"


def _missing(path: Path) -> str:
    if not path.parent.is_dir():
        return f"{path} is not there: there is no folder {path.parent}"
    close = get_close_matches(path.name, sorted(other.name for other in path.parent.iterdir()), n=1)
    return f"{path} is not there" + (f" (did you mean {close[0]!r}?)" if close else "")


def _known() -> str:
    return f"{', '.join(READERS)}, each also packed as {', '.join(PACKINGS)}; .parquet"
