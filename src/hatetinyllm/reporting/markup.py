"""
HTML as strings: every text escaped, tables that scroll by themselves, figures with a word on how to read them.

Nothing here writes a style attribute or a script: the page forbids both.
"""

from collections.abc import Mapping, Sequence
from html import escape

from hatetinyllm.reporting.table import Cell, Column, Row

EMPTY = ("", None)


def tag(name: str, *inside: str, **attributes: object) -> str:
    """An element around what is HTML already; `class_` is class, an underscore in a name is a hyphen."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items() if value not in EMPTY
    )
    return f"<{name}{said}>{''.join(inside)}</{name}>"


def text(said: object) -> str:
    """A text as it is."""
    return escape(str(said))


def paragraph(*sentences: str, class_: str = "") -> str:
    """Sentences that are texts, one after another."""
    return tag("p", " ".join(text(sentence) for sentence in sentences if sentence), class_=class_)


def bullets(lines: Sequence[str]) -> str:
    """Texts as a list."""
    return tag("ul", *(tag("li", text(line)) for line in lines)) if lines else ""


def command(line: str) -> str:
    """A line to type."""
    return tag("pre", tag("code", text(line)), tabindex="0")


def link(said: str, to: str) -> str:
    """A link to a page elsewhere, or the text alone where there is none or it is no web address."""
    if not to.startswith(("https://", "http://")):
        return text(said)
    return tag("a", text(said), href=to, rel="noreferrer")


def facts(pairs: Mapping[str, str]) -> str:
    """Names and values; the values are HTML already, and what is empty is left out."""
    rows = [tag("div", tag("dt", text(name)), tag("dd", value)) for name, value in pairs.items() if value]
    return tag("dl", *rows, class_="facts")


def folded(summary: str, *inside: str) -> str:
    """What is shown when it is asked for; without a script."""
    return tag("details", tag("summary", text(summary)), *inside)


def figure(title: str, chart: str, how: str = "") -> str:
    """A chart under its title, with a word on how to read it."""
    below = tag("figcaption", text(how)) if how else ""
    return tag("figure", tag("h4", text(title)), chart, below)


def grid(title: str, columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """A table; it scrolls by itself where it is too wide, and a reader without a mouse can reach it."""
    sides = ["number" if column.number else "" for column in columns]
    head = "".join(tag("th", text(column.name), scope="col", class_=side) for column, side in zip(columns, sides, strict=True))
    body = "".join(_row(row, sides) for row in rows)
    table = tag("table", tag("thead", tag("tr", head)), tag("tbody", body), aria_label=title)
    wide = tag("div", table, class_="wide", role="region", tabindex="0", aria_label=title)
    return tag("div", tag("p", text(title), class_="caption"), wide)


def columns(first: str, *numbers: str) -> list[Column]:
    """A column of names and columns of figures."""
    return [Column(name=first), *(Column(name=name, number=True) for name in numbers)]


def _row(row: Row, sides: Sequence[str]) -> str:
    if len(row) == 1 < len(sides):
        return tag("tr", tag("th", text(row[0].text), scope="rowgroup", colspan=len(sides), class_="heading"))
    first, *others = row
    cells = [tag("td", _cell(cell), class_=side) for cell, side in zip(others, sides[1:], strict=True)]
    return tag("tr", tag("th", tag("span", _cell(first), class_="name"), scope="row", class_=sides[0]), *cells)


def _cell(cell: Cell) -> str:
    return tag("span", text(cell.text), class_="wrong") if cell.wrong else text(cell.text)
