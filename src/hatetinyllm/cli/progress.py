"""What training looks like while it runs: a bar on a screen, a line for each judgement in a log."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from hatetinyllm.cli.output import figure
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step


class Watch:
    """Told of every event while it is entered; draws only where somebody can see it."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._bar: TaskID | None = None
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )

    def __enter__(self) -> "Watch":
        """Put the bar on the screen."""
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the bar off the screen, however the run ended."""
        self._progress.stop()

    def __call__(self, event: object) -> None:
        """Say what is being done now."""
        if self._quiet:
            return
        if isinstance(event, Stage):
            self._drop_bar()
            self._console.print(f"{event.name:<10}{event.detail}", markup=False)
        elif isinstance(event, Step):
            self._step(event)

    def _step(self, step: Step) -> None:
        if self._bar is None:
            self._bar = self._progress.add_task("", total=step.of, completed=step.number - 1, speed="")
        self._progress.update(
            self._bar,
            completed=step.number,
            description=f"epoch {step.epoch}  loss {step.loss:.3f}",
            speed=f"{step.texts_per_s:,.0f} texts/s",
        )
        if step.dev is not None:
            metrics = step.dev.metrics
            best = ", the best so far" if step.best else ""
            said = f"macro-F1 {figure(metrics['macro_f1'])}, AUROC {figure(metrics['auroc'])}{best}"
            self._console.print(f"          step {step.number:,} of {step.of:,}: dev {said}")

    def count(self, done: int, of: int, description: str, *, texts_per_s: float) -> None:
        """So many of something are done; a bar on a screen, and nothing elsewhere."""
        if self._bar is None:
            self._bar = self._progress.add_task("", total=of, completed=done, speed="")
        self._progress.update(self._bar, completed=done, description=description, speed=f"{texts_per_s:,.0f} texts/s")

    def _drop_bar(self) -> None:
        if self._bar is not None:
            self._progress.remove_task(self._bar)
            self._bar = None
