"""Ctrl-C and SIGTERM while training: the step is finished and saved first. Asked twice, or elsewhere, it ends at once."""

import signal
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Told when a step is done; raises KeyboardInterrupt there if a signal asked for it meanwhile."""

    def __init__(self) -> None:
        self._training = False
        self._asked = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Stop":
        """Listen for the signals."""
        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
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
        if self._asked or not self._training:
            raise KeyboardInterrupt
        self._asked = True
