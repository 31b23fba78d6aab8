"""
A table as data, and as Markdown: what stands in it is text already, and every sign a renderer knows is escaped there.

A row of one cell is a heading of the rows below it. Columns with the same `group` stand under one common heading.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

MARKS = "abcdefghijklmnopqrstuvwxyz"
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$])")  # what Markdown may take for its own
OPENING = re.compile(r"^(\d*)(?=[.)](?:\s|$)|[-+=]+(?:\s|$))")  # what makes a list or a rule at the beginning of a line


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's heading; numbers stand to the right."""

    name: str
    number: bool = False
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A text in its place; `marks` are numbers of footnotes, from 0, and `wrong` is what cannot be as it says."""

    text: str
    marks: tuple[int, ...] = ()
    wrong: bool = False


Row = tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Notes:
    """Lines below a table, under a title of their own."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with all that a reader of it must know; `warning` is said before anything else."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Notes, ...] = ()
    footnotes: tuple[str, ...] = ()
    warning: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) not in (1, len(self.columns)):
                raise ValueError(f"{self.title}: a row of {len(row)} cells under {len(self.columns)} columns")
            if any(mark >= len(self.footnotes) for cell in row for mark in cell.marks):
                raise ValueError(f"{self.title}: a mark leads to no footnote")


def cells(*texts: object) -> Row:
    """A row of plain texts."""
    return tuple(text if isinstance(text, Cell) else Cell(text=str(text)) for text in texts)


def mark_of(number: int) -> str:
    """The sign of a footnote: a, b, ... z, aa, ab."""
    first, last = divmod(number, len(MARKS))
    return (mark_of(first - 1) if first else "") + MARKS[last]


def to_markdown(table: Table, *, level: int = 2) -> str:
    """The table as GitHub's Markdown shows it, with its notes and footnotes below."""
    blocks = [f"{'#' * level} {escaped(table.title)}"]
    if table.warning:
        blocks.append(f"> **{escaped(table.warning)}**")
    blocks.append("\n".join(_grid(table)))
    if table.footnotes:
        lines = [f"<sup>{mark_of(number)}</sup> {escaped(text)}" for number, text in enumerate(table.footnotes)]
        blocks.append("  \n".join(lines))
    for notes in table.notes:
        blocks.append("\n".join([f"**{escaped(notes.title)}**", "", *(f"- {escaped(line)}" for line in notes.lines)]))
    return "\n\n".join(blocks) + "\n"


def rows_to_markdown(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """A table that stands in a text of its own, without a title."""
    return "\n".join(_grid(Table(title="", columns=tuple(columns), rows=tuple(rows))))


def tables_to_markdown(title: str, tables: Sequence[Table], *, opening: Sequence[str] = ()) -> str:
    """Several tables as one document."""
    blocks = [f"# {escaped(title)}", *(escaped(line) for line in opening), *(to_markdown(table).rstrip() for table in tables)]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """A text on one line in which Markdown finds nothing of its own."""
    line = SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return OPENING.sub(lambda found: f"{found.group(1)}\\", line)


def headings(table: Table) -> list[tuple[str, int]]:
    """The common headings over the columns, and how many columns each spans."""
    return [(group, len(list(found))) for group, found in groupby(column.group for column in table.columns)]


def _grid(table: Table) -> list[str]:
    """Markdown has one line of headings and no spans: groups go before each name, and headings of rows into the first cell."""
    names = [f"{column.group}: {column.name}" if column.group else column.name for column in table.columns]
    rules = ["---:" if column.number else "---" for column in table.columns]
    lines = [_line([escaped(name) for name in names]), f"|{'|'.join(rules)}|"]
    for row in table.rows:
        if len(row) == 1 < len(table.columns):
            lines.append(_line([f"**{_shown(row[0])}**", *[""] * (len(table.columns) - 1)]))
        else:
            lines.append(_line([_shown(cell) for cell in row]))
    return lines


def _line(shown: Sequence[str]) -> str:
    return f"| {' | '.join(shown)} |"


def _shown(cell: Cell) -> str:
    text = f"**{escaped(cell.text)}**" if cell.wrong else escaped(cell.text)
    marks = ", ".join(mark_of(mark) for mark in cell.marks)
    return f"{text}<sup>{marks}</sup>" if marks else text
