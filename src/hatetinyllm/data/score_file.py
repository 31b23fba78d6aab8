"""
Scores of rows in a file of their own: an id and a score on each row, and no text, as JSON lines or Parquet.

A score is the probability of the headline's positive label. Which rows the ids are of is not known here.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hatetinyllm.data.formats import KINDS, Record, ending_of, read_sheet
from hatetinyllm.errors import DataError
from hatetinyllm.folder import write_text_whole
from hatetinyllm.registry import find

COLUMNS = ("id", "score")
READ = tuple(ending for ending, kind in KINDS.items() if kind in ("json", "parquet"))
WRITTEN = (".jsonl", ".parquet")
SHOWN = 5


def read_scores(path: Path) -> dict[str, float]:
    """The score of each id; what is wrong with the file is told together."""
    require_scores(path)
    sheet = read_sheet(path, COLUMNS, encoding="utf-8", delimiter=None, quoted=True)
    problems = [f"there is no column {name!r}" for name in COLUMNS if name not in sheet.columns]
    problems = problems or list(_wrong(sheet.records))
    if problems:
        raise DataError(f"{path} is no file of scores", problems)
    cells = [record.cells or {} for record in sheet.records]
    return {str(cell["id"]): _number(cell["score"]) for cell in cells}


def require_scores(path: Path) -> None:
    """Refuse a file that is not here, or that its name says is no such file, before anything is read."""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file of scores", ["`hatetinyllm teach` writes one for a recipe"])
    if ending_of(path) not in READ:
        raise DataError(f"{path}: scores are read from JSON lines or Parquet", [f"its name ends in one of {', '.join(READ)}"])


def write_scores(scores: Mapping[str, float], path: Path, told: Mapping[str, object]) -> None:
    """Write the scores, by the file's ending; a Parquet file also says of itself what it is told."""
    check_ending(path)
    if path.suffix.lower() == ".parquet":
        columns = {"id": list(scores), "score": list(scores.values())}
        find("hatetinyllm.data.parquet:write_columns")(columns, path, told)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(path, "".join(json.dumps({"id": name, "score": score}) + "\n" for name, score in scores.items()))


def check_ending(path: Path) -> None:
    """Scores are written as JSON lines or Parquet: anything else is told before the work is done."""
    if path.suffix.lower() not in WRITTEN:
        raise DataError(f"{path}: scores are written as {' or '.join(WRITTEN)}, by the ending of the file's name")


def some(names: Sequence[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _wrong(records: Sequence[Record]) -> Iterable[str]:
    """Rows that cannot be read, ids that are missing or stand twice, scores that are no probability."""
    cells = [record.cells for record in records if record.cells is not None and not record.reason]
    if bad := [record for record in records if record.cells is None or record.reason]:
        yield f"{len(bad):,} rows cannot be read, the first at line {bad[0].line}: {bad[0].reason}"
    counts = Counter(str(cell["id"]) for cell in cells if cell.get("id") is not None)
    if nameless := len(cells) - counts.total():
        yield f"{nameless:,} rows have no id"
    if twice := [name for name, count in counts.items() if count > 1]:
        yield f"{len(twice):,} ids stand twice: {some(twice)}"
    if outside := [cell for cell in cells if not 0 <= _number(cell.get("score")) <= 1]:
        seen = f"{outside[0].get('id')} has {outside[0].get('score')!r}"
        yield f"{len(outside):,} scores are no number from 0 to 1, the first: {seen}"


def _number(value: object) -> float:
    """A score as a number; NaN, which lies nowhere, for what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
