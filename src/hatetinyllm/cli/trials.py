"""What a sweep looks like: a line for each trial, one that moves on a screen, and a table of all of them at the end."""

import time
from collections.abc import Mapping
from shlex import quote
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.status import Status

from hatetinyllm.cli.judgement import result_table
from hatetinyllm.cli.output import figure, out, table
from hatetinyllm.reporting.figure import DASH, duration, share
from hatetinyllm.studies.sweep import Began, Ended, Event, Judging
from hatetinyllm.studies.swept import Places, Swept
from hatetinyllm.studies.trial import Trial
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step

TOLD_EVERY_S = 30.0  # in a log; on a screen a line moves all the time
SHOWN_STAGES = ("note", "resuming", "stopped", "judging")
SHOWN_CHARACTERS = 90  # of a reason in the table; sweep.json has all of it
ORDER = ("done", "pruned", "running", "failed")


class Watch:
    """Told of every event while it is entered."""

    def __init__(self, console: Console, *, metric: str, quiet: bool) -> None:
        self._console = console
        self._metric = metric
        self._quiet = quiet
        self._place = ""
        self._best = ""
        self._told_at = time.monotonic()
        self._status: Status | None = console.status("") if console.is_terminal and not quiet else None

    def __enter__(self) -> "Watch":
        """Put the moving line on the screen."""
        if self._status:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take it off, however the sweep ended."""
        if self._status:
            self._status.stop()

    def __call__(self, event: Event) -> None:
        """Say what is new."""
        if isinstance(event, Began):
            self._place = f"trial {event.trial.number} of {event.of}"
            goes_on = " goes on" if event.trial.starts else ""
            self._say(f"{self._place}{goes_on}: {in_words(event.trial.values)}")
        elif isinstance(event, Step):
            self._step(event)
        elif isinstance(event, Stage) and event.name in SHOWN_STAGES:
            self._say(f"{event.name:<10}{event.detail}")
        elif isinstance(event, Ended):
            self._say(f"{self._place}: {end_in_words(event.trial)}")
            self._best = f", best {share(event.best.score)} of trial {event.best.number}" if event.best else ""
        elif isinstance(event, Judging):
            self._place, self._best = f"trial {event.best.number} is the best", ""
            self._say(f"{self._place}: it is judged on the test part, once")

    def _step(self, step: Step) -> None:
        for note in step.notes:
            self._say(f"{'note':<10}{note}")
        line = f"{self._place}{self._best}: step {step.number:,} of {step.of:,}, loss {step.loss:.3f}"
        if step.dev is not None:
            line += f", dev {self._metric} {figure(step.dev.metrics[self._metric])}"
        if self._status:
            self._status.update(line.replace("[", r"\["))
        elif time.monotonic() - self._told_at > TOLD_EVERY_S:
            self._say(line)

    def _say(self, line: str) -> None:
        if not self._quiet:
            self._told_at = time.monotonic()
            self._console.print(line, markup=False)


def in_words(values: Mapping[str, Any]) -> str:
    """What a trial tries, on one line."""
    return ", ".join(f"{place}={_value(value)}" for place, value in values.items())


def end_in_words(trial: Trial) -> str:
    """How a trial ended, on one line."""
    if trial.standing == "failed":
        return f"failed: {trial.reason}"
    if trial.same_as:
        return f"the values of trial {trial.same_as}, whose {share(trial.score)} stands"
    pruned = "pruned, it lagged behind at " if trial.standing == "pruned" else ""
    return f"{pruned}{share(trial.score)}, {duration(trial.seconds)}"


def show_swept(swept: Swept) -> None:
    """Every trial, the best first; what matters, how the best one fared on the test part, and where all of it lies."""
    console = out()
    places = list(dict.fromkeys(place for trial in swept.trials for place in trial.values))
    columns = ["trial", f"dev {swept.metric}", *places, "step", "time", "end"]
    rows = [_row(trial, places, swept.best) for trial in sorted(swept.trials, key=_rank)]
    console.print(table(columns, rows, right=columns[:2] + columns[-3:-1]))
    if swept.importance:
        told = ", ".join(f"{place} {share(part, 2)}" for place, part in swept.importance.items())
        console.print(f"\nwhat matters for the dev score, together 1: {told}", markup=False)
    if swept.best is None:
        console.print("\nno trial was done", markup=False)
        return
    console.print(f"\ntrial {swept.best.number}, the best, on the test part:")
    console.print(result_table(swept.results))
    where = Places(folder=swept.folder)
    run = where.run(swept.best.number)
    console.print(f"\nrecipe   {where.best}\nbundle   {run.bundle}\ntrials   {where.trials}", markup=False)
    console.print(f"again    hatetinyllm train {quote(str(where.best))} --seeds 5", markup=False)
    for caveat in swept.caveats:
        console.print(f"mind     {caveat}", markup=False)


def _row(trial: Trial, places: list[str], best: Trial | None) -> list[str]:
    values = [_value(trial.values[place]) if place in trial.values else DASH for place in places]
    if trial.standing == "failed":
        end = f"failed: {trial.reason}"[:SHOWN_CHARACTERS]
    elif trial.same_as:
        end = f"as trial {trial.same_as}"
    else:
        end = "best" if best and trial.number == best.number else trial.standing
    step = DASH if trial.step is None else f"{trial.step:,}"
    return [str(trial.number), share(trial.score), *values, step, duration(trial.seconds), end]


def _rank(trial: Trial) -> tuple[int, float, int]:
    return (ORDER.index(trial.standing), -(trial.score or 0.0), trial.number)


def _value(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
