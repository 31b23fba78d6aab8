"""`baselines`: what any figure on a dataset and split must be read beside."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hatetinyllm.cli.output import Json, Settings, err, figure, out, say_json, table
from hatetinyllm.errors import DataError

if TYPE_CHECKING:
    from hatetinyllm.studies.baselines import Baselines


def baselines(
    dataset: Annotated[str, typer.Argument(help="A dataset, as `data list` names it, or table with --set data.path=FILE.")],
    settings: Settings = None,
    part: Annotated[
        Literal["train", "dev", "test"], typer.Option(help="The part to judge on; TF-IDF learns from train.")
    ] = "test",
    partings: Annotated[int, typer.Option(min=1, help="Part the rows so many times, by one seed each, and show the spread.")] = 1,
    curve: Annotated[str, typer.Option(metavar="ROWS,ROWS,...", help="TF-IDF from so many train rows: a learning curve.")] = "",
    draws: Annotated[int, typer.Option(min=100, help="Draws of the bootstrap that makes the intervals.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of these draws, and of the curve's samples of train.")] = 42,
    to: Annotated[Path | None, typer.Option("--out", metavar="FILE.json", help="Write everything to this file.")] = None,
    json: Json = False,
) -> None:
    """Judge what reads nothing (always positive, always negative) and untuned TF-IDF on any dataset and split."""
    sizes = _sizes(curve)

    from hatetinyllm.cli.downloads import shown_downloads
    from hatetinyllm.cli.waiting import Waiting
    from hatetinyllm.folder import write_text_whole
    from hatetinyllm.plain import to_json
    from hatetinyllm.studies.baselines import Wanted
    from hatetinyllm.studies.baselines import baselines as measure

    wanted = Wanted(
        data=dataset, settings=tuple(settings or ()), part=part, partings=partings, sizes=sizes, draws=draws, seed=seed
    )
    with shown_downloads(quiet=json), Waiting(err(), quiet=json) as say:
        found = measure(wanted, say=say)
    if to:
        to.parent.mkdir(parents=True, exist_ok=True)
        write_text_whole(to, to_json(found, indent=1) + "\n")
    if json:
        say_json(found)
    else:
        _show(found, to)


def _sizes(curve: str) -> tuple[int, ...]:
    words = [word.strip() for word in curve.split(",") if word.strip()]
    if wrong := [word for word in words if not word.isdecimal() or not int(word)]:
        raise DataError(f"--curve {curve}: sizes of train are numbers from 1, as 500,1000,2000", [f"{wrong[0]!r} is none"])
    return tuple(int(word) for word in words)


def _show(found: "Baselines", to: Path | None) -> None:
    from hatetinyllm.cli.curve import show_curve
    from hatetinyllm.cli.judged import headline_table

    console, (tfidf, *_) = out(), found.results
    console.print(f"{found.data} {found.part}, split {found.how}", style="bold", markup=False)
    told = f"{tfidf.rows:,} rows, {tfidf.prevalence:.1%} {tfidf.positive}; TF-IDF learnt from {found.train:,} rows"
    told += f"; {tfidf.left_out:,} left out, without a label" if tfidf.left_out else ""
    console.print(f"{told}; threshold {tfidf.threshold:g}\n", markup=False)
    console.print(headline_table([(one.name, one) for one in found.results]))
    console.print(f"\n95 % intervals: {found.draws:,} draws of {tfidf.clusters:,} groups of kin ({found.kin})", markup=False)
    if found.spread:
        _show_spread(found)
    if found.curve:
        show_curve(found.curve, "TF-IDF")
    if to:
        err().print(f"\nwrote {to}", markup=False)
    for note in found.notes:
        err().print(f"note: {note}", markup=False)


def _show_spread(found: "Baselines") -> None:
    names = [name for name in found.spread if name in ("accuracy", f"f1_{found.results[0].positive}", "macro_f1", "auroc")]
    seeds = found.spread[names[0]].seeds
    out().print(f"\nTF-IDF over {seeds} partings of the same rows, a seed each", style="bold")
    chosen = [(name, found.spread[name]) for name in names]
    lines = [[name, *(figure(value) for value in (one.mean, one.deviation, one.low, one.high))] for name, one in chosen]
    columns = ["figure", "mean", "sd", "lowest", "highest"]
    out().print(table(columns, lines, right=columns[1:]))
