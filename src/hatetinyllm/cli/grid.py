"""What a study looks like while it runs, and before: a line for each run, one that moves on a screen, a list beforehand."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.status import Status

from hatetinyllm.cli.output import out, table
from hatetinyllm.reporting.figure import DASH, duration
from hatetinyllm.reporting.table import Row, Table
from hatetinyllm.studies import paper
from hatetinyllm.studies.children import Began, Ended, Event, Progress
from hatetinyllm.studies.cross import Crossed, Failed, Pair
from hatetinyllm.studies.outlook import ModelOutlook, Outlook
from hatetinyllm.studies.publish import Published
from hatetinyllm.studies.study import Task
from hatetinyllm.studies.tables import SEEDS

TOLD_EVERY_S = 30  # in a log; on a screen a line moves all the time


class Watch:
    """Told of every event while it is entered; keeps what failed."""

    def __init__(self, console: Console, tasks: Sequence[Task], *, quiet: bool) -> None:
        self.failed: list[str] = []
        self._console = console
        self._quiet = quiet
        self._number = {task.folder: number for number, task in enumerate(tasks, start=1)}
        self._told: dict[Path, float] = {}
        self._status: Status | None = console.status("") if console.is_terminal and not quiet else None

    def __enter__(self) -> "Watch":
        """Put the moving line on the screen."""
        if self._status:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take it off, however the study ended."""
        if self._status:
            self._status.stop()

    def __call__(self, event: Event | Pair | Crossed | Failed) -> None:
        """Say what is new."""
        if isinstance(event, Began):
            how = "waits for a process of an earlier study" if event.waits else "goes on" if event.resumed else "begins"
            self.say(f"{self._place(event.task)}: {how}")
        elif isinstance(event, Progress):
            self._move(event)
        elif isinstance(event, Ended):
            self._end(event)
        elif isinstance(event, Pair):
            self.say(f"across: {event.said}")
        elif isinstance(event, Failed):
            self.failed.append(f"{event.pair.said}: {' '.join(event.error[:2])}")
            self.say(f"        {'; '.join(event.error)}")

    def _end(self, ended: Ended) -> None:
        if ended.state.status == "done":
            self.say(f"{self._place(ended.task)}: done, {duration(ended.state.seconds)}")
            return
        self.failed.append(f"{ended.task.said}: {' '.join(ended.state.error[:2])}")
        self.say("\n".join([f"{self._place(ended.task)}: failed", *(f"        {line}" for line in ended.state.error)]))

    def _move(self, look: Progress) -> None:
        left = "" if look.left_s is None else f", {duration(look.left_s)} left"
        steps = f" {look.done:,} of {look.of:,}, {look.texts_per_s:,.0f} texts/s{left}" if look.of else ""
        line = f"{self._place(look.task)}: {look.stage}{steps}"
        if self._status:
            self._status.update(line.replace("[", r"\["))
        elif time.monotonic() - self._told.setdefault(look.task.folder, time.monotonic()) > TOLD_EVERY_S:
            self._told[look.task.folder] = time.monotonic()
            self.say(line)

    def _place(self, task: Task) -> str:
        return f"cell {self._number.get(task.folder, 0)} of {len(self._number)}: {task.said}"

    def say(self, line: str) -> None:
        """A line for people."""
        if not self._quiet:
            self._console.print(line, markup=False)


def show_outlook(outlook: Outlook) -> None:
    """What would be run, and what is wanting."""
    console = out()
    runs = [[run.name, run.split, str(run.seed), run.status, run.command] for run in outlook.runs]
    console.print(table(["cell", "split", "seed", "stands", "by"], runs, right=["seed"]))
    if outlook.models:
        columns = ["model", "runs to do", "where", "licence", "mind"]
        console.print()
        console.print(table(columns, [_model_line(model) for model in outlook.models], right=["runs to do"]))
    console.print()
    data = [[one.name, one.licence, "" if one.agreed else f"first: hatetinyllm data accept {one.name}"] for one in outlook.data]
    console.print(table(["dataset", "licence", "mind"], data))
    todo = sum(run.status != "done" for run in outlook.runs)
    wanting = sum(model.download_bytes for model in outlook.models)
    load = f", {wanting / 1e9:.1f} GB to download" if wanting else ""
    console.print(f"\n{todo:,} of {len(outlook.runs):,} runs to do{load}")


def show_published(published: Published, number: str) -> None:
    """The tables of figures, or the one that was asked for, without notes and what was not run; and where all of it lies."""
    console = out()
    for made in published.tables:
        if not _is_asked(made.title, number):
            continue
        shown = _run_rows(made)
        if not shown:
            console.print(f"\n{made.title}: nothing of it was run yet", markup=False)
            continue
        console.print(f"\n{made.title}", style="bold", markup=False)
        if made.warning:
            console.print(made.warning, style="bold red", markup=False)
        columns = [f"{column.group}: {column.name}" if column.group else column.name for column in made.columns]
        rows = [[cell.text for cell in row] + [""] * (len(columns) - len(row)) for row in shown]
        right = [name for name, column in zip(columns, made.columns, strict=True) if column.number]
        console.print(table(columns, rows, right=right))
    console.print("\nwith all that a reader must know of them:", *(str(file) for file in published.files))


def _model_line(model: ModelOutlook) -> list[str]:
    where = str(model.folder) if model.folder else f"to download, {model.download_bytes / 1e9:.1f} GB"
    licence = model.licence if model.commercial else f"{model.licence}, no commercial use"
    mind = ["needs a key of the hub"] if model.gated else []
    mind += ["pickled weights, read without running code"] if model.pickled and not model.folder else []
    return [model.name, str(model.runs), where, licence, "; ".join(mind)]


def _run_rows(made: Table) -> list[Row]:
    """The rows of the sections in which anything was run; a table without a column of seeds is whole."""
    place = next((number for number, column in enumerate(made.columns) if column.name == SEEDS), None)
    if place is None:
        return list(made.rows)
    sections = list[list[Row]]()
    for row in made.rows:
        if len(row) == 1 or not sections:
            sections.append([])
        sections[-1].append(row)
    return [row for rows in sections if any(len(row) > 1 and row[place].text != DASH for row in rows) for row in rows]


def _is_asked(title: str, number: str) -> bool:
    """Of all tables the figures are shown, and those across datasets; one that was named is shown with every reading."""
    found = re.search(r"Table (\w+):", title)
    if number != "all":
        return found is not None and found.group(1) == number
    return found is None or (found.group(1) in paper.RESULTS and title.endswith(paper.TITLES[found.group(1)]))
