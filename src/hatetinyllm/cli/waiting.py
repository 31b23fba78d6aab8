"""
What long work without steps looks like: one line that tells the stage and how long it has taken.

A log gets a line for each stage; one that only counts on is told now and then, so that a log stays short.
"""

import re
import time
from types import TracebackType

from rich.console import Console
from rich.status import Status

COUNTED_EVERY_S = 10  # in a log; on a screen the line moves all the time
NUMBER = re.compile(r"\d[\d,.]*")


class Waiting:
    """Told of every stage while it is entered."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._began = time.monotonic()
        self._told = ("", 0.0)  # the last stage in a log without its numbers, and when it was told
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
        elif self._is_news(NUMBER.sub("", stage), seconds):
            self._console.print(f"{seconds:5.0f} s  {stage}", markup=False)

    def _is_news(self, words: str, seconds: float) -> bool:
        """Whether a log should hear of it: another stage, or the same one after a while."""
        if words == self._told[0] and seconds < self._told[1] + COUNTED_EVERY_S:
            return False
        self._told = (words, seconds)
        return True
