"""The pages of a study: every table as Markdown and as one HTML page, and every result as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hatetinyllm.folder import write_text_whole
from hatetinyllm.plain import to_json
from hatetinyllm.reporting.page import to_html
from hatetinyllm.reporting.table import Table, tables_to_markdown
from hatetinyllm.studies import paper
from hatetinyllm.studies.cell import CellResult
from hatetinyllm.studies.cells import STAND_INS
from hatetinyllm.studies.cross import matrix_tables
from hatetinyllm.studies.gather import read_cells
from hatetinyllm.studies.tables import TITLE, make_tables, run_in_words

MARKDOWN, PAGE, RESULTS = "tables.md", "tables.html", "cells.json"


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was written: the results of all cells, and the tables they fill."""

    cells: tuple[CellResult, ...]
    tables: tuple[Table, ...]
    files: tuple[Path, ...]


def publish(out: Path, others: Sequence[str] = ()) -> Published:
    """Write the pages of whatever is done in a study's folder, whichever cells were asked for last."""
    cells = read_cells(out)
    tables = (*make_tables(cells), *matrix_tables(out, cells, others))
    opening = (f"Paper: {paper.SOURCE}.", *_made_up(cells), *run_in_words(cells))
    write_text_whole(out / MARKDOWN, tables_to_markdown(TITLE, tables, opening=opening))
    write_text_whole(out / PAGE, to_html(TITLE, tables, opening=opening))
    write_text_whole(out / RESULTS, to_json(cells, indent=2) + "\n")
    return Published(cells=cells, tables=tables, files=(out / MARKDOWN, out / PAGE, out / RESULTS))


def _made_up(cells: Sequence[CellResult]) -> Iterator[str]:
    """Which datasets are not what their name says."""
    made_up = [name for name, own in STAND_INS.items() if any(_is_of(cell, name, own) for cell in cells)]
    if made_up:
        yield f"MADE-UP ROWS of the demo stand in for {' and '.join(made_up)}: of those datasets nothing was read."


def _is_of(cell: CellResult, dataset: str, data: Mapping[str, object]) -> bool:
    return cell.dataset == dataset and cell.recipe.get("data", {}).get("name") == data["name"]
