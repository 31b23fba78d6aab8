"""An axis: from figures to places, with ticks at round figures."""

import math
from dataclasses import dataclass

from hatetinyllm.reporting.figure import MINUS, share

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What is measured, and from where to where; `log` for what grows by factors."""

    name: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(f"{self.name}: no axis goes from {self.low} to {self.high}")

    def place(self, value: float, start: float, end: float) -> float:
        """Where a figure lies between two places; what is off the axis lies at its end."""
        value = min(max(value, self.low), self.high)
        if self.log:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return start + part * (end - start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round figures on the axis."""
        return self._factors(most) if self.log else self._steps(most)

    def says(self, value: float) -> str:
        """A figure as it stands at a tick: shares as .8, counts as 1,000."""
        if self.high <= 1 and self.low >= -1:
            digits = 2 if any(abs(tick * 10 - round(tick * 10)) > 1e-6 for tick in self.ticks()) else 1
            return "0" if abs(value) < 1e-9 else "1" if abs(value - 1) < 1e-9 else share(value, digits)
        whole = abs(value - round(value)) < 1e-9
        return (MINUS if value < 0 else "") + (f"{abs(value):,.0f}" if whole else f"{abs(value):,g}")

    def _steps(self, most: int) -> list[float]:
        rough = (self.high - self.low) / max(most - 1, 1)
        scale = 10.0 ** math.floor(math.log10(rough))
        step = next(own * scale for own in STEPS if own * scale >= rough * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]

    def _factors(self, most: int) -> list[float]:
        low, high = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for steps in ((1, 2, 5), (1, 3), (1,)):
            found = [own * 10.0**power for power in range(low, high + 1) for own in steps]
            inside = [tick for tick in found if self.low * (1 - 1e-9) <= tick <= self.high * (1 + 1e-9)]
            if len(inside) <= most:
                break
        return inside


def axis_over(name: str, values: list[float], *, log: bool = False) -> Axis:
    """An axis that holds all the values, from one round figure to another; shares stay between 0 and 1."""
    low, high = min(values), max(values)
    if log:
        return Axis(name=name, low=low, high=high if high > low else low * 10, log=True)
    if low >= 0 and high <= 1 and high - low > 0.5:
        return Axis(name=name)
    if high == low:
        low, high = (low - 0.1, high + 0.1) if 0 <= low <= 1 else (low - 1, high + 1)
    rough = (high - low) / 5
    step = next(
        own * 10.0 ** math.floor(math.log10(rough)) for own in STEPS if own * 10.0 ** math.floor(math.log10(rough)) >= rough
    )
    return Axis(name=name, low=math.floor(low / step) * step, high=math.ceil(high / step) * step)
