"""`audit`: can a split be trusted, and one that can."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import Json, Settings, err, out, say_json, table
from hatetinyllm.plain import plain

if TYPE_CHECKING:
    from hatetinyllm.evaluation.audit import Audit, Audited
    from hatetinyllm.types import Splits

LEAKS = 1  # the exit code of --fail-on-leak
PLOTS = (".svg", ".html")


def audit(
    dataset: Annotated[str, typer.Argument(help="A dataset, as `data list` names it, or table with --set data.path=FILE.")],
    settings: Settings = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the regression, and of the rows it learns from where there are very many.")
    ] = 42,
    plot: Annotated[
        Path | None, typer.Option(help="Draw how near train is, as .svg or as a page with all tables, .html.")
    ] = None,
    write_split: Annotated[
        Path | None, typer.Option("--write-split", help="Write a split without leaks, ids and parts alone: .csv or .parquet.")
    ] = None,
    fail_on_leak: Annotated[bool, typer.Option("--fail-on-leak", help="Exit with 1 where the split leaks.")] = False,
    json: Json = False,
) -> None:
    """Look for what lets a test be answered by looking texts up in train; the source's own parts unless split.name says so."""
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.data.from_file import check_ending
    from hatetinyllm.errors import DataError
    from hatetinyllm.evaluation.audit import audit as examine

    if write_split:
        check_ending(write_split)
    if plot and plot.suffix.lower() not in PLOTS:
        raise DataError(f"{plot}: a plot is written as {' or '.join(PLOTS)}, by the ending of the file's name")
    source, splits = _splits(dataset, settings or [], quiet=json)
    with Waiting(err(), quiet=json) as waiting:
        found = examine(splits, whole=source, seed=seed, on_event=lambda doing: waiting(_said(doing)))
    written = _written(found, source, splits, write_split) if write_split else {}
    if plot:
        _draw(found.audit, plot)
    if json:
        say_json({**plain(found.audit), "split_file": written or None})
    else:
        _show(found.audit)
        _show_written(written)
    if fail_on_leak and found.audit.verdict == "leaks":
        raise typer.Exit(LEAKS)


def _splits(dataset: str, settings: list[str], *, quiet: bool) -> tuple["Splits", "Splits"]:
    """The rows as their source parts them, and as they are to be audited; `official` carves no part unless it is told to."""
    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.config.recipe import Section, resolve, with_settings
    from hatetinyllm.data import DATASETS, SPLITS
    from hatetinyllm.data.dataset import load_dataset
    from hatetinyllm.data.sample import draw

    given = with_settings({"data": {"name": dataset}, "split": {"name": "official"}}, settings)
    if given["split"]["name"] == "official":
        given["split"] = {"test_share": 0.0, "dev_share": 0.0, **given["split"]}
    places: dict[str, Section] = {"data": DATASETS.places, "sample": "hatetinyllm.data.sample:draw", "split": SPLITS.places}
    recipe = resolve(given, places)
    with shown_downloads(quiet=quiet):
        loaded = load_dataset(recipe["data"].name, **recipe["data"].options)
    source = draw(loaded, **recipe["sample"].options)
    splits: Splits = SPLITS.get(recipe["split"].name)(source, **recipe["split"].options)
    return source, splits


def _written(found: "Audited", source: "Splits", splits: "Splits", path: Path) -> dict[str, Any]:
    """The split without leaks in a file, and what stands there."""
    from collections import Counter

    from hatetinyllm.data.from_file import LEFT_OUT, write_split
    from hatetinyllm.evaluation.parted import leak_free

    part_of = leak_free(splits, found.kin)
    digest = write_split(part_of, source, path)
    rows = Counter(part_of.get(example.id, LEFT_OUT) for example in source.rows())
    return {"path": str(path), "digest": digest, "rows": dict(sorted(rows.items()))}


def _draw(found: "Audit", plot: Path) -> None:
    from hatetinyllm.folder import write_text_whole
    from hatetinyllm.reporting.audit import chart, to_page
    from hatetinyllm.reporting.charts import to_svg_file

    plot.parent.mkdir(parents=True, exist_ok=True)
    if plot.suffix.lower() == ".svg":
        to_svg_file(chart(found), plot)
    else:
        write_text_whole(plot, to_page(found))


def _show(found: "Audit") -> None:
    """The verdict first, then what it stands on."""
    from hatetinyllm.reporting.audit import findings, heading, picture, tables

    out().print(heading(found), markup=False, style="bold red" if found.verdict == "leaks" else "bold green")
    for line in findings(found):
        out().print(f"  - {line}", markup=False)
    for one in tables(found):
        columns, numbers = [column.name for column in one.columns], [column.name for column in one.columns if column.number]
        out().print(f"\n{one.title}", markup=False, style="bold")
        out().print(table(columns, [[cell.text for cell in row] for row in one.rows], right=numbers))
        for line in (line for notes in one.notes for line in notes.lines):
            out().print(f"  {line}", markup=False, style="dim")
    out().print(f"\nHow near {found.part} rows are to train: █ the nearest has the other label, ░ the same", style="bold")
    bars = [[bounds, f"{same:,}", f"{opposite:,}", bar] for bounds, same, opposite, bar in picture(found)]
    out().print(table(["cosine", "same", "other", ""], bars, right=["same", "other"]))
    for note in found.notes:
        err().print(f"note: {note}", markup=False)


def _show_written(written: Mapping[str, Any]) -> None:
    if not written:
        return
    rows = ", ".join(f"{part} {count:,}" for part, count in written["rows"].items())
    out().print(f"\nwrote {written['path']}: {rows}. To train on it:", markup=False)
    lines = ["[split]", 'name = "from-file"', f'path = "{written["path"]}"', f'digest = "{written["digest"]}"']
    out().print("\n".join(lines), markup=False)


def _said(doing: Any) -> str:
    return f"{doing.what}: {doing.done:,} of {doing.of:,}" if doing.done else doing.what
