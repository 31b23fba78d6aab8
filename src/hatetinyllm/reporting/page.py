"""
Tables as one HTML page: a single file without scripts, fonts or pictures, which loads nothing from anywhere.

It follows the reader's light or dark setting, prints in black on white, and scrolls a table that is too wide, with its
first column in view. Every text is escaped.
"""

from collections.abc import Sequence
from html import escape

from hatetinyllm.reporting.table import Cell, Column, Notes, Row, Table, headings, mark_of

STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --faint: #5c636b; --line: #d5d9de; --band: #f3f5f7;
  --alarm: #b3261e; --alarm-band: #fdecea; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --paper: #16181b; --faint: #a2a9b1; --line: #3a3f45; --band: #202429; --alarm: #ff8a80;
    --alarm-band: #3a1f1d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 88rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
h3 { font-size: .95rem; margin: 1rem 0 .2rem; }
section { margin: 3rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; list-style: none; }
a { color: inherit; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .55rem; text-align: left; white-space: nowrap; vertical-align: baseline; }
th.number, td.number { text-align: right; }
th.edge, td.edge { padding-left: 1.8rem; }
thead th { font-weight: 600; border-bottom: 1px solid var(--ink); vertical-align: bottom; }
thead th.group { padding-left: 1.8rem; border-bottom: 0; color: var(--faint); }
tbody td, tbody th { border-bottom: 1px solid var(--line); font-weight: 400; }
tbody th.heading { font-weight: 600; background: var(--band); }
tbody th[scope="row"], thead tr:last-child th:first-child { position: sticky; left: 0; background: var(--paper); }
td sup { display: inline-block; width: 0; overflow: visible; font-size: .7em; line-height: 0; }
td sup a { text-decoration: none; color: var(--alarm); }
.wrong { color: var(--alarm); font-weight: 700; text-decoration: underline wavy 1px; text-underline-offset: .2em; }
.warning { margin: 0 0 1rem; padding: .7rem 1rem; border: 2px solid var(--alarm); background: var(--alarm-band);
  color: var(--alarm); font-weight: 700; }
.below { max-width: 60rem; font-size: .9rem; }
.below ul { margin: .2rem 0; padding-left: 1.2rem; }
.footnotes { margin: .6rem 0 0; padding: 0; list-style: none; }
.footnotes sup { color: var(--alarm); }
.opening { color: var(--faint); max-width: 60rem; }
@media print {
  :root { --ink: #000; --paper: #fff; --faint: #333; --line: #999; --band: #eee; --alarm: #000; --alarm-band: #fff; }
  @page { size: landscape; margin: 12mm; }
  body { max-width: none; padding: 0; font-size: 9pt; }
  nav { display: none; }
  .wide { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding: .15rem .4rem; }
  th.edge, td.edge, thead th.group { padding-left: 1rem; }
  section { break-inside: avoid-page; margin-top: 1.5rem; }
  tr, .warning { break-inside: avoid; }
  tbody th[scope="row"], thead tr:last-child th:first-child { position: static; }
  .below { font-size: 8pt; max-width: none; }
  h2 { font-size: 12pt; }
  h3 { font-size: 9pt; margin-top: .6rem; }
}
"""


def to_html(title: str, tables: Sequence[Table], *, opening: Sequence[str] = ()) -> str:
    """The page."""
    links = "".join(f'<li><a href="#t{number}">{escape(table.title)}</a></li>' for number, table in enumerate(tables))
    body = [
        f"<header><h1>{escape(title)}</h1>",
        *(f'<p class="opening">{escape(line)}</p>' for line in opening),
        f'<nav aria-label="Tables"><ul>{links}</ul></nav></header>' if len(tables) > 1 else "</header>",
        "<main>",
        *(_section(f"t{number}", table) for number, table in enumerate(tables)),
        "</main>",
    ]
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
    ]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def _section(anchor: str, table: Table) -> str:
    parts = [f'<section id="{anchor}"><h2>{escape(table.title)}</h2>']
    if table.warning:
        parts.append(f'<p class="warning">{escape(table.warning)}</p>')
    # A reader without a mouse scrolls what can be focused.
    parts.append(f'<div class="wide" role="region" tabindex="0" aria-label="{escape(table.title)}"><table>')
    parts += [_heading(table), "<tbody>", *(_row(anchor, row, table.columns) for row in table.rows), "</tbody></table></div>"]
    parts.append('<div class="below">')
    if table.footnotes:
        items = [
            f'<li id="{anchor}-{mark_of(number)}"><sup>{mark_of(number)}</sup> {escape(text)}</li>'
            for number, text in enumerate(table.footnotes)
        ]
        parts.append(f'<ul class="footnotes">{"".join(items)}</ul>')
    parts += [*(_notes(notes) for notes in table.notes), "</div></section>"]
    return "\n".join(parts)


def _heading(table: Table) -> str:
    over = "".join(
        f'<th class="group" scope="colgroup" colspan="{span}">{escape(group)}</th>' if group else f'<td colspan="{span}"></td>'
        for group, span in headings(table)
    )
    sides = _sides(table.columns)
    names = "".join(
        f'<th scope="col"{side}>{escape(column.name)}</th>' for column, side in zip(table.columns, sides, strict=True)
    )
    grouped = any(column.group for column in table.columns)
    return f"<thead>{f'<tr>{over}</tr>' if grouped else ''}<tr>{names}</tr></thead>"


def _row(anchor: str, row: Row, columns: Sequence[Column]) -> str:
    if len(row) == 1 < len(columns):
        return f'<tr><th class="heading" scope="rowgroup" colspan="{len(columns)}">{_cell(anchor, row[0])}</th></tr>'
    first, *others = row
    sides = _sides(columns)
    shown = [f'<th scope="row"{sides[0]}>{_cell(anchor, first)}</th>']
    shown += [f"<td{side}>{_cell(anchor, cell)}</td>" for cell, side in zip(others, sides[1:], strict=True)]
    return f"<tr>{''.join(shown)}</tr>"


def _cell(anchor: str, cell: Cell) -> str:
    text = f'<span class="wrong">{escape(cell.text)}</span>' if cell.wrong else escape(cell.text)
    links = [f'<a href="#{anchor}-{mark_of(mark)}">{mark_of(mark)}</a>' for mark in cell.marks]
    return f"{text}<sup>{', '.join(links)}</sup>" if links else text


def _notes(notes: Notes) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in notes.lines)
    return f"<h3>{escape(notes.title)}</h3><ul>{lines}</ul>"


def _sides(columns: Sequence[Column]) -> list[str]:
    """The class of each column's cells: numbers to the right, and room where another common heading begins."""
    before = [None, *columns]
    edges = [bool(left and left.group != column.group) for left, column in zip(before, columns, strict=False)]
    words = [" ".join(["number"] * column.number + ["edge"] * edge) for column, edge in zip(columns, edges, strict=True)]
    return [f' class="{word}"' if word else "" for word in words]
