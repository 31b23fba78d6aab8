"""
A split that was written to a file: an id and a part on each row, and no text.

The file names every row of the dataset, those that are left out too, so that a row it does not know, or one that is no longer
there, is told. Ids alone do not make sure of the texts (a table without ids counts its lines): the digest of the rows does.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

from hatetinyllm.data.checks import digest_rows
from hatetinyllm.data.formats import KINDS, Record, ending_of, read_sheet
from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.folder import digest_of, write_text_whole
from hatetinyllm.registry import find
from hatetinyllm.types import PARTS, Example, Splits

LEFT_OUT = "left_out"
COLUMNS = ("id", "part")
WRITTEN = (".parquet", ".csv")
SHOWN = 5


def from_file(
    splits: Splits,
    *,
    path: str = "",  # the file of ids and parts, as `audit --write-split` writes it
    digest: str = "",  # of the rows it was written for; others are refused
) -> Splits:
    """The rows in the parts the file gives them; rows it marks `left_out` stand in none."""
    if not path:
        raise DataError("no file is named to read the split from", ["give split.path; `audit --write-split` writes such a file"])
    file = Path(path).expanduser()
    part_of = _read(file)
    rows = {example.id: example for example in splits.rows()}
    problems = [*_strange(part_of, rows), *_other_rows(splits, digest)]
    if problems:
        raise DataError(f"{path} is no split of these rows of {splits.name}", problems)
    parts: dict[str, list[Example]] = {part: [] for part in (*PARTS, LEFT_OUT)}
    for example in rows.values():
        parts[part_of[example.id]].append(example)
    left = len(parts[LEFT_OUT])
    return replace(
        splits,
        train=tuple(parts["train"]),
        dev=tuple(parts["dev"]),
        test=tuple(parts["test"]),
        how=f"from-file ({file.name})",
        files={**splits.files, f"split: {file.name}": digest_of(file)},
        notes=(*splits.notes, *([f"{left:,} of {len(rows):,} rows left out, as {file.name} says"] if left else [])),
    )


def write_split(part_of: Mapping[str, str], splits: Splits, path: Path) -> str:
    """Write the part of every row of a dataset, as CSV or Parquet by the file's ending; returns the digest of the rows."""
    check_ending(path)
    parts = {example.id: part_of.get(example.id, LEFT_OUT) for example in splits.rows()}
    digest = digest_rows(splits)
    if ending_of(path) == ".parquet":
        columns = {"id": list(parts), "part": list(parts.values())}
        find("hatetinyllm.data.parquet:write_columns")(columns, path, {"dataset": splits.name, "digest": digest})
        return digest
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(parts.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(path, stream.getvalue())
    return digest


def check_ending(path: Path) -> None:
    """A split is written as Parquet or CSV: anything else is told before the work is done."""
    if path.suffix.lower() not in WRITTEN:
        raise DataError(f"{path}: a split is written as {' or '.join(WRITTEN)}, by the ending of the file's name")


def _read(path: Path) -> dict[str, str]:
    """The part of each id; what is wrong with the file itself is told together."""
    if not path.is_file() or ending_of(path) not in KINDS:
        raise DataError(f"{path}: there is no split file of this name", [f"it ends in one of {', '.join(KINDS)}"])
    sheet = read_sheet(path, COLUMNS, encoding="utf-8", delimiter=None, quoted=True)
    if missing := [name for name in COLUMNS if name not in sheet.columns]:
        raise DataError(f"{path} is no split file", [f"there is no column {name!r}" for name in missing])
    problems = list(_broken(sheet.records))
    if problems:
        raise DataError(f"{path} is no split file", problems)
    return {str((record.cells or {})["id"]): str((record.cells or {})["part"]) for record in sheet.records}


def _broken(records: Sequence[Record]) -> Iterable[str]:
    """Rows that cannot be read, parts there are none of, ids that stand twice."""
    cells = [record.cells for record in records if record.cells is not None and not record.reason]
    if bad := [record for record in records if record.cells is None or record.reason]:
        yield f"{len(bad):,} rows cannot be read, the first at line {bad[0].line}: {bad[0].reason}"
    known = (*PARTS, LEFT_OUT)
    for word, count in Counter(str(one.get("part")) for one in cells).items():
        if word not in known:
            yield f"there is no part {word!r} ({did_you_mean(word, known)}): {count:,} rows"
    twice = [name for name, count in Counter(str(one.get("id")) for one in cells).items() if count > 1]
    if twice:
        yield f"{len(twice):,} ids stand twice: {_some(twice)}"


def _strange(part_of: Mapping[str, str], rows: Mapping[str, Example]) -> Iterable[str]:
    """Ids of the file that no row has, and rows whose id the file lacks."""
    if unknown := [name for name in part_of if name not in rows]:
        yield f"{len(unknown):,} of {len(part_of):,} ids of the file are no row's: {_some(unknown)}"
    if missing := [name for name in rows if name not in part_of]:
        yield f"{len(missing):,} of {len(rows):,} rows are not in the file: {_some(missing)}"


def _other_rows(splits: Splits, digest: str) -> Iterable[str]:
    if digest and digest != digest_rows(splits):
        yield "the rows are not those it was written for: a text, a label, an id or the source's own part has changed"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
