"""
Parquet in and out, the only file of the data floor that needs pyarrow.

What is written describes itself: the data set's name, a digest of its rows and its licences stand in the file's metadata.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex

import pyarrow as pa
import pyarrow.parquet as pq

from hatetinyllm.data.checks import digest_rows
from hatetinyllm.data.formats import Record, Sheet, bad_byte
from hatetinyllm.errors import DataError, TableError
from hatetinyllm.labels import SCHEMES
from hatetinyllm.types import PARTS, Example, Splits

METADATA = "hatetinyllm"  # the key in the file's metadata
STRINGS = pa.list_(pa.string())
SPANS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())]))
COLUMNS = (
    ("id", pa.string()),
    ("text", pa.string()),
    ("part", pa.string()),
    ("round", pa.string()),
    ("perturbed", pa.bool_()),
    ("partners", STRINGS),
    ("group", pa.string()),
    ("slice", pa.string()),
    ("mentions", STRINGS),
    ("spans", SPANS),
    ("context", pa.string()),
    ("score", pa.float64()),
    ("language", pa.string()),
)
FIRST = 3  # the columns of the schemes stand after id, text and part


def read_parquet(path: Path, wanted: Sequence[str]) -> Sheet:
    """A file's records with the wanted columns; a record's line is its row, counted from 1."""
    try:
        with pq.ParquetFile(path) as file:
            columns = tuple(file.schema_arrow.names)
            present = [name for name in dict.fromkeys(wanted) if name in columns]
            records = tuple(_records(file.iter_batches(columns=present), file.metadata.num_rows if not present else 0))
    except pa.ArrowException as error:
        raise TableError("this is no Parquet file, or a damaged one", [str(error).splitlines()[0]]) from error
    return Sheet(columns=columns, records=records)


def write_parquet(splits: Splits, path: Path) -> None:
    """All rows of a data set in one file, which appears whole or not at all."""
    _write(_table(splits), path)


def write_columns(columns: Mapping[str, Sequence[str] | Sequence[float]], path: Path, told: Mapping[str, object]) -> None:
    """Columns of strings, or of numbers, in a file that says of itself what it is told."""
    kinds = [(name, pa.float64() if isinstance(next(iter(cells), ""), float) else pa.string()) for name, cells in columns.items()]
    schema = pa.schema(kinds, metadata={METADATA: json.dumps(told)})
    _write(pa.table(dict(columns), schema=schema), path)


def read_metadata(path: Path) -> dict[str, object]:
    """What a file of ours says of itself; nothing for anybody else's."""
    found = (pq.read_schema(path).metadata or {}).get(METADATA.encode("utf-8"), b"{}")
    told: dict[str, object] = json.loads(found)
    return told


def _write(table: pa.Table, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{token_hex(4)}.writing")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, temporary, compression="zstd")
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _records(batches: Iterable[pa.RecordBatch], rows: int) -> Iterable[Record]:
    if rows:  # none of the wanted columns is there, but the rows are
        yield Record(line=1, cells={})
        return
    line = 0
    for batch in batches:
        values = [_values(column) for column in batch.columns]
        for row in range(batch.num_rows):
            line += 1
            cells = {name: column[row] for name, column in zip(batch.schema.names, values, strict=True)}
            yield Record(line=line, cells=cells, reason=bad_byte(cells.values(), "utf-8"))


def _values(column: pa.Array) -> list[object]:
    """A column as Python values; strings are decoded here, since Arrow does not check their bytes when it reads."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.cast(pa.large_binary())
    values: list[object] = column.to_pylist()
    return [value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value for value in values]


def _table(splits: Splits) -> pa.Table:
    rows = [(part, example) for part in PARTS for example in splits.part(part)]
    answered = {name for _, example in rows for name in example.labels}
    schemes = [(name, STRINGS if scheme.many else pa.string()) for name, scheme in SCHEMES.items() if name in answered]
    told = {
        "dataset": splits.name,
        "scheme": splits.scheme,
        "how": splits.how,
        "digest": digest_rows(splits),
        "licences": list(splits.licences),
        "files": {Path(name).name: digest for name, digest in splits.files.items()},
        "rejected": len(splits.rejected),
        "notes": list(splits.notes),
    }
    schema = pa.schema([*COLUMNS[:FIRST], *schemes, *COLUMNS[FIRST:]], metadata={METADATA: json.dumps(told)})
    return pa.Table.from_pylist([_cells(part, example, schemes) for part, example in rows], schema=schema)


def _cells(part: str, example: Example, schemes: Sequence[tuple[str, pa.DataType]]) -> dict[str, object]:
    cells: dict[str, object] = {name: getattr(example, name) for name, _ in COLUMNS if name not in ("part", "spans")}
    spans = None if example.spans is None else [{"start": start, "end": end} for start, end in example.spans]
    cells |= {"part": part, "spans": spans}
    for name, kind in schemes:
        answers = example.labels.get(name)
        cells[name] = answers if answers is None or kind == STRINGS else next(iter(answers), None)
    return cells
