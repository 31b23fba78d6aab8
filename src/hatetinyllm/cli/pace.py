"""How fast a training goes, from its steps alone: lately for speed and loss, over all for what is left."""

from collections import deque
from dataclasses import dataclass

from hatetinyllm.reporting.figure import duration
from hatetinyllm.training.loop import Step

LATELY = 50  # steps; fewer where they are long
LATELY_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What can be said at a step."""

    loss: float  # the mean of the latest steps
    learning_rate: float
    texts_per_s: float
    tokens_per_s: float
    share: float | None  # of what the machine can do; None where that was not measured
    left_s: float | None  # None at the first step

    def in_words(self) -> str:
        """All but the time that is left."""
        rate = f"{self.learning_rate:.1e}".replace("e-0", "e-")
        said = [f"loss {self.loss:.3f}", f"rate {rate}", f"{self.texts_per_s:,.0f} texts/s", f"{self.tokens_per_s:,.0f} tokens/s"]
        return ", ".join([*said, *([] if self.share is None else [f"{self.share:.0%} of the limit"])])

    def left_in_words(self) -> str:
        """The time that is left, in the unit that suits it."""
        return "" if self.left_s is None else f"{duration(self.left_s)} left"


class Pace:
    """Told of each step and the time it came at; `limit` is what the machine can do, in operations a second."""

    def __init__(self, limit: float = 0.0) -> None:
        self._limit = limit
        self._latest: deque[Step] = deque(maxlen=LATELY)
        self._began: tuple[int, float] | None = None  # number and time of the first step

    def __call__(self, step: Step, now: float) -> Figures:
        """What can be said now."""
        self._latest.append(step)
        seconds = sum(one.seconds for one in self._latest)
        while len(self._latest) > 1 and seconds > LATELY_S:
            seconds -= self._latest.popleft().seconds
        seconds = max(seconds, 1e-9)
        flops = sum(one.flops for one in self._latest)
        return Figures(
            loss=sum(one.loss for one in self._latest) / len(self._latest),
            learning_rate=step.learning_rate,
            texts_per_s=sum(one.texts for one in self._latest) / seconds,
            tokens_per_s=sum(one.tokens for one in self._latest) / seconds,
            share=flops / seconds / self._limit if self._limit and flops else None,
            left_s=self._left(step, now),
        )

    def _left(self, step: Step, now: float) -> float | None:
        """By all that was done since the first step, what was judged and saved between steps included."""
        if self._began is None:
            self._began = (step.number, now)
        first, then = self._began
        return (now - then) / (step.number - first) * (step.of - step.number) if step.number > first else None
