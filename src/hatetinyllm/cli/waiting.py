"""What long work without steps looks like: one line that tells the stage and how long it has taken, a line each in a log."""

import time
from types import TracebackType

from rich.console import Console
from rich.status import Status


class Waiting:
    """Told of every stage while it is entered."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._began = time.monotonic()
        self._status: Status | None = console.status("") if console.is_terminal and not quiet else None

    def __enter__(self) -> "Waiting":
        """Put the moving line on the screen."""
        if self._status:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take it off, however the work ended."""
        if self._status:
            self._status.stop()

    def __call__(self, stage: str) -> None:
        """Say what is being done now."""
        if self._quiet:
            return
        seconds = time.monotonic() - self._began
        if self._status:
            self._status.update(f"{stage} ({seconds:.0f} s so far)".replace("[", r"\["))
        else:
            self._console.print(f"{seconds:5.0f} s  {stage}", markup=False)
