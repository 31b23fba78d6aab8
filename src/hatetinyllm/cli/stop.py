"""
Ctrl-C, SIGTERM and SIGHUP while training: the step is finished and saved first. Asked twice, or elsewhere, it ends at once.

SIGHUP comes when a terminal is closed or a connection lost: what is printed from then on goes nowhere, since an error of
printing must not keep a run from saving. Where it is ignored, as under nohup, it stays so; Windows has none.
"""

import os
import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
SIGNALS = tuple(getattr(signal, name) for name in NAMES if hasattr(signal, name))
PRINTED = (1, 2)  # standard output and standard error


class Stop:
    """Told when a step is done; raises KeyboardInterrupt there if a signal asked for it meanwhile."""

    def __init__(self) -> None:
        self._training = False
        self._asked = False
        self._before: dict[signal.Signals, Any] = {}
        self._terminals: tuple[int, ...] = ()

    def __enter__(self) -> "Stop":
        """Listen for the signals."""
        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._terminals = tuple(place for place in PRINTED if os.isatty(place))
        self._before = {number: signal.signal(number, self._ask) for number in heard}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let whoever listened before listen again."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def step_done(self, *, training: bool) -> None:
        """A step is done (`training`), or something else is being done that may be cut anywhere."""
        self._training = training
        if self._asked:
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if signal.Signals(number).name == "SIGHUP":
            self._print_nowhere()
        if self._asked or not self._training:
            raise KeyboardInterrupt
        self._asked = True

    def _print_nowhere(self) -> None:
        """Put a file that swallows everything in the place of each terminal that is gone."""
        with suppress(OSError):
            gone = [place for place in self._terminals if not os.isatty(place)]
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for place in gone:
                os.dup2(nowhere, place)
            os.close(nowhere)
