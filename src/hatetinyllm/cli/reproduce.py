"""`reproduce`: the paper's tables beside ours, a process for each cell; interrupted, the same command goes on."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hatetinyllm.cli.output import INTERRUPTED, Json, Settings, err, say_json
from hatetinyllm.cli.stop import Stop
from hatetinyllm.errors import RecipeError, TrainingError

if TYPE_CHECKING:
    from hatetinyllm.cli.grid import Watch
    from hatetinyllm.studies.reproduce import Grid
    from hatetinyllm.studies.study import Task

OWN = "HATETINYLLM_MODELS"
HONEST_SEEDS = 5
SHOWN_FAILURES = 20


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for, made ready."""

    folder: Path
    grid: "Grid"
    tasks: tuple["Task", ...]
    jobs: int
    cross: bool
    on: tuple[str, ...]


def reproduce(
    table: Annotated[str, typer.Option(help="The cells of one table: IV, V, VI, VII or VIII.")] = "all",
    cell: Annotated[list[str] | None, typer.Option(help="One cell, as opt-1.3b-lora-dynahate; more by repeating it.")] = None,
    run: Annotated[Path | None, typer.Option("--out", help="The study's folder; runs/paper, or runs/tiny with --tiny.")] = None,
    split: Annotated[
        Literal["paper", "leakfree", "both"], typer.Option(help="The paper's random split, one without leaks, or both.")
    ] = "both",
    honest: Annotated[bool, typer.Option("--honest", help="Both splits and five seeds.")] = False,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, help="Runs of each cell, each with an order of rows and a random split of its own; 1."),
    ] = None,
    models: Annotated[Path | None, typer.Option(help="A folder that holds the models, each under its name.")] = None,
    beyond: Annotated[bool, typer.Option("--beyond", help="HatEval Spanish too, which the paper has not.")] = False,
    cross: Annotated[bool, typer.Option("--cross", help="Judge what was trained on the other datasets too.")] = False,
    on: Annotated[list[str] | None, typer.Option(help="With --cross: one more dataset to judge on.")] = None,
    tiny: Annotated[bool, typer.Option("--tiny", help="Tiny random nets and few rows: shows that every cell runs.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Cells at the same time.")] = 1,
    settings: Settings = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be run, and what is wanting.")] = False,
    json: Json = False,
) -> None:
    """Run the paper's cells and write its tables beside ours; a cell that is done is not run again."""
    from hatetinyllm.cli.grid import show_outlook
    from hatetinyllm.data import DATASETS
    from hatetinyllm.studies.cells import DATA, SPLIT_NAMES, choose_cells
    from hatetinyllm.studies.outlook import look_ahead
    from hatetinyllm.studies.reproduce import Grid, plan, require_consents
    from hatetinyllm.studies.study import require_study
    from hatetinyllm.studies.tiny import missing_datasets

    _require_sense(cross=cross, on=on or [], honest=honest, split=split, tiny=tiny, models=models)
    _require_one_choice(cell or [], table, beyond=beyond)
    for name in on or ():
        DATASETS.place(name)
    cells = choose_cells(cell or (), table, beyond=beyond)
    across = tuple(DATA) if cross else ()
    missing = dict(missing_datasets(dict.fromkeys([*(one.dataset for one in cells), *across]))) if tiny else {}
    grid = Grid(
        cells=cells,
        splits=SPLIT_NAMES if split == "both" else (split,),
        seeds=seeds or (HONEST_SEEDS if honest else 1),
        settings=tuple(settings or ()),
        tiny=tiny,
        stand_ins=tuple(missing),
        across=across,
        others=tuple(on or ()),
    )
    folder = run or Path("runs") / ("tiny" if tiny else "paper")
    with _models_at(folder / "tiny-models" if tiny else models):
        order = Order(folder=folder, grid=grid, tasks=plan(folder, grid), jobs=jobs, cross=cross, on=tuple(on or ()))
        if dry_run:
            require_study(folder, identity=grid.identity)
            outlook = look_ahead(order.tasks, grid)
            say_json(outlook) if json else show_outlook(outlook)
            return
        require_consents(grid)
        for name, why in missing.items():
            err().print(f"note: made-up rows stand in for {name}: {why}", markup=False)
        _follow(order, table, json=json)


def _follow(order: Order, table: str, *, json: bool) -> None:
    """Hold the folder, run what is not done, write the tables, and tell what failed."""
    from hatetinyllm.cli.grid import Watch, show_published
    from hatetinyllm.studies.publish import publish
    from hatetinyllm.studies.reproduce import settle_changed
    from hatetinyllm.studies.study import open_study
    from hatetinyllm.studies.tiny import write_models

    with open_study(order.folder, identity=order.grid.identity), Watch(err(), order.tasks, quiet=json) as watch, Stop() as stop:
        settle_changed(order.tasks)
        if order.grid.tiny:
            write_models(order.folder / "tiny-models", dict.fromkeys(cell.model for cell in order.grid.cells))
        try:
            _run(order, watch, stop)
        except KeyboardInterrupt:
            publish(order.folder, order.on)
            watch.say(f"stopped; the same command goes on: hatetinyllm reproduce ... --out {quote(str(order.folder))}")
            raise typer.Exit(INTERRUPTED) from None
        published = publish(order.folder, order.on)
    if json:
        say_json({"out": order.folder, "files": published.files, "cells": published.cells, "failed": watch.failed})
    else:
        show_published(published, table)
    _tell_failures(watch.failed, len(order.tasks), cross=order.cross)


def _run(order: Order, watch: "Watch", stop: Stop) -> None:
    """The cells, then the matrix; a signal ends the step that is being done, and every process saves."""
    from hatetinyllm.studies.cross import judge_pairs, pairs
    from hatetinyllm.studies.gather import gather, read_cells
    from hatetinyllm.studies.reproduce import reproduce as run_cells

    gathering = partial(gather, tiny=order.grid.tiny)
    with closing(run_cells(order.tasks, _program(), _environment(order.grid), gathering, jobs=order.jobs)) as events:
        try:
            for event in events:
                watch(event)
                stop.step_done(training=True)
        except KeyboardInterrupt:
            watch.say("stopping: every process saves first; asked again, they end at once")
            raise
    for judged in judge_pairs(pairs(order.folder, read_cells(order.folder), order.on), order.grid) if order.cross else ():
        watch(judged)
        stop.step_done(training=False)


def _tell_failures(failed: Sequence[str], runs: int, *, cross: bool) -> None:
    if failed:
        more = [f"and {len(failed) - SHOWN_FAILURES:,} more"] if len(failed) > SHOWN_FAILURES else []
        logs = "each run's log.txt holds what its process said; the same command tries again"
        asked = f"{runs:,} runs{' and the pairs across datasets' if cross else ''}"
        raise TrainingError(f"{len(failed):,} of {asked} failed", [*failed[:SHOWN_FAILURES], *more, logs])


def _program() -> tuple[str, ...]:
    """How a cell's process is started."""
    return (sys.executable, "-m", "hatetinyllm")


def _environment(grid: "Grid") -> dict[str, str]:
    """Tiny nets are fastest on one thread, and several of them would fight for the same cores."""
    return {**os.environ, "OMP_NUM_THREADS": "1"} if grid.tiny else dict(os.environ)


@contextmanager
def _models_at(folder: Path | None) -> Iterator[None]:
    """Let this process and those it starts find the models in a folder."""
    before = os.environ.get(OWN)
    if folder is not None:
        os.environ[OWN] = str(folder.resolve())
    try:
        yield
    finally:
        if folder is not None:
            os.environ.pop(OWN)
            os.environ.update({} if before is None else {OWN: before})


def _require_sense(*, cross: bool, on: Sequence[str], honest: bool, split: str, tiny: bool, models: Path | None) -> None:
    """What makes no sense together, told at once."""
    wrong = {
        "--on names data to judge on across: it needs --cross": bool(on) and not cross,
        f"--honest is both splits, not --split {split} alone": honest and split != "both",
        "--tiny makes its own models: it takes no --models": tiny and models is not None,
        f"--models {str(models)!r} is no folder": models is not None and not models.is_dir(),
    }
    if problems := [problem for problem, found in wrong.items() if found]:
        raise RecipeError("this cannot be done", problems)


def _require_one_choice(cells: Sequence[str], table: str, *, beyond: bool) -> None:
    """Cells are named, or those of a table are taken."""
    others = [*([f"--table {table}"] if table != "all" else []), *(["--beyond"] if beyond else [])]
    if cells and others:
        raise RecipeError("this cannot be done", [f"--cell names each cell by itself: leave out {' and '.join(others)}"])
