"""
Ctrl-C, SIGTERM and SIGHUP while training: the step is finished and saved first. Asked twice, or elsewhere, it ends at once.

SIGHUP comes when a terminal is closed or a connection lost: what is printed from then on goes nowhere, since an error of
printing must not keep a run from saving. Where it is ignored, as under nohup, it stays so; Windows has none.

Of several processes of one run it is enough that one is asked: they agree after every step, stop after the same one, and none
leaves before the first has saved. A launcher passes on what a terminal has sent already: such an echo is no second request.
"""

import os
import signal
import time
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from hatetinyllm.processes import has_siblings

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
SIGNALS = tuple(getattr(signal, name) for name in NAMES if hasattr(signal, name))
PRINTED = (1, 2)  # standard output and standard error
ECHO_S = 5.0


class Stop:
    """Told when a step is done; raises KeyboardInterrupt there if a signal asked for it meanwhile."""

    def __init__(self) -> None:
        self._training = False
        self._asked = False
        self._asked_at = 0.0
        self._agreed = False
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
        if self._agreed:
            _wait_for_all()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def step_done(self, *, training: bool) -> None:
        """A step is done (`training`), or something else is being done that may be cut anywhere."""
        self._training = training
        shared = training and has_siblings()
        asked = _any_asks(self._asked) if shared else self._asked
        if asked:
            self._agreed = shared
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if signal.Signals(number).name == "SIGHUP":
            self._print_nowhere()
        if self._asked and has_siblings() and time.monotonic() - self._asked_at < ECHO_S:
            return
        if self._asked or not self._training:
            raise KeyboardInterrupt
        self._asked, self._asked_at = True, time.monotonic()

    def _print_nowhere(self) -> None:
        """Put a file that swallows everything in the place of each terminal that is gone."""
        with suppress(OSError):
            gone = [place for place in self._terminals if not os.isatty(place)]
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for place in gone:
                os.dup2(nowhere, place)
            os.close(nowhere)


def _any_asks(asked: bool) -> bool:
    from hatetinyllm.training.together import any_asks

    return any_asks(asked)


def _wait_for_all() -> None:
    from hatetinyllm.training.together import wait_for_all

    with suppress(RuntimeError):  # one that was killed is not waited for
        wait_for_all()
