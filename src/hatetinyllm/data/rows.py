"""Rows of a known source's file, as dictionaries of strings with the line each starts on. Any surprise is an error."""

import csv
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hatetinyllm.errors import DataError

CELL_LIMIT_CHARACTERS = 1 << 27
_limit_lock = threading.Lock()  # the csv module keeps one limit for the whole process


@dataclass(frozen=True, kw_only=True)
class Row:
    """The cells of a row by column, and the line it starts on."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@contextmanager
def large_cells() -> Iterator[None]:
    """Let the csv module read cells of any size, and put its limit back."""
    with _limit_lock:
        before = csv.field_size_limit(CELL_LIMIT_CHARACTERS)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def read_csv(path: Path, *, delimiter: str = ",", columns: Sequence[str] | None = None, quoted: bool = True) -> list[Row]:
    """All rows of a file in UTF-8. `columns` names them where the file has no header line."""
    with large_cells():
        return list(stream_csv(path, delimiter=delimiter, columns=columns, quoted=quoted))


def stream_csv(path: Path, *, delimiter: str = ",", columns: Sequence[str] | None = None, quoted: bool = True) -> Iterator[Row]:
    """The same rows one by one, for a file too large to hold; its cells keep the csv module's own limit."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
        names = list(columns) if columns else next(reader, [])
        line = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(names):
                raise DataError(f"{path.name}, line {line}: {len(cells)} cells, expected {len(names)}")
            if cells:
                yield Row(line=line, cells=dict(zip(names, cells, strict=True)))
            line = reader.line_num + 1
