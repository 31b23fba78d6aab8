"""
What training looks like while it runs: a bar and its figures on a screen, a line now and then in a log.

A log gets a line at each judgement, and one every so often between, so that a run of days can be read in a file.
"""

import time
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from hatetinyllm.cli.output import figure
from hatetinyllm.cli.pace import Figures, Pace
from hatetinyllm.reporting.figure import duration
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step

TOLD_EVERY_S = 30.0  # in a log; on a screen it moves all the time
FIRST_AFTER_S = 10.0
INDENT = " " * 10  # as wide as the name of a stage
REDRAWN_PER_S = 5


class Watch:
    """Told of every event while it is entered; draws only where somebody can see it."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._pace = Pace()
        self._told_at: float | None = None  # when a log last got a line of steps
        self._began: float | None = None
        self._bar: TaskID | None = None
        self._below = ""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        drawn = console.is_terminal and not quiet
        self._live = (
            Live(get_renderable=self._drawn, console=console, transient=True, refresh_per_second=REDRAWN_PER_S) if drawn else None
        )

    def __enter__(self) -> "Watch":
        """Put the bar on the screen."""
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the bar off the screen, however the run ended."""
        if self._live:
            self._live.stop()

    def __call__(self, event: object) -> None:
        """Say what is being done now."""
        if self._quiet:
            return
        if isinstance(event, Stage):
            self._drop_bar()
            if event.limit:
                self._pace = Pace(event.limit)
            self._say(f"{event.name:<10}{event.detail}")
        elif isinstance(event, Step):
            self._step(event)

    def count(self, done: int, of: int, description: str, *, texts_per_s: float) -> None:
        """So many of something are done; a bar on a screen, and nothing elsewhere."""
        self._began = self._began if self._bar is not None and self._began else time.monotonic()
        seconds = time.monotonic() - self._began
        left = f"{duration(seconds / done * (of - done))} left" if done and seconds > 1 else ""
        self._move(done, of, description, left, f"{texts_per_s:,.0f} texts/s")

    def _step(self, step: Step) -> None:
        now = time.monotonic()
        figures = self._pace(step, now)
        self._move(step.number, step.of, f"epoch {step.epoch}", figures.left_in_words(), figures.in_words())
        for note in step.notes:
            self._say(f"{'note':<10}{note}")
        if self._told_at is None:
            self._told_at = now - TOLD_EVERY_S + FIRST_AFTER_S
        if step.dev is not None or step.bits_per_byte is not None:
            self._say(INDENT + "; ".join([self._place(step, figures), _judged(step)]))
            self._told_at = now
        elif self._live is None and now - self._told_at >= TOLD_EVERY_S:
            self._say(INDENT + self._place(step, figures))
            self._told_at = now

    def _place(self, step: Step, figures: Figures) -> str:
        """Where a run stands; on a screen the figures are below the bar already."""
        place = f"step {step.number:,} of {step.of:,}"
        if self._live:
            return f"{place}: loss {figures.loss:.3f}"
        left = figures.left_in_words() if step.number < step.of else ""
        return ", ".join(said for said in (f"{place}, epoch {step.epoch}: {figures.in_words()}", left) if said)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False)

    def _move(self, done: int, of: int, description: str, left: str, below: str) -> None:
        if self._live is None:
            return
        if self._bar is None:
            self._bar = self._progress.add_task("", total=of, completed=done, left="")
        self._progress.update(self._bar, completed=done, total=of, description=description, left=left)
        self._below = below

    def _drawn(self) -> RenderableType:
        """Nothing but the bar and its figures; they are cut to the screen rather than folded."""
        below = [Text(self._below, style="dim", no_wrap=True, overflow="ellipsis")] if self._below else []
        return Group(self._progress.get_renderable(), *below)

    def _drop_bar(self) -> None:
        self._below, self._began = "", None
        if self._bar is not None:
            self._progress.remove_task(self._bar)
            self._bar = None


def _judged(step: Step) -> str:
    if step.bits_per_byte is not None:
        return f"{step.bits_per_byte:.3f} bits a byte of the text set aside"
    metrics = step.dev.metrics if step.dev else {}
    best = ", the best so far" if step.best else ""
    return f"dev macro-F1 {figure(metrics.get('macro_f1'))}, AUROC {figure(metrics.get('auroc'))}{best}"
