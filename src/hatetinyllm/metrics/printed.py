"""
A figure in print, as all the values that round to it.

A half belongs to one of its two neighbours, so spans that only touch do not agree: an accuracy of .80 and an equal F1 of
.81 would both have to be exactly .805, and would then be printed alike.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from hatetinyllm.errors import DataError

STEPS = 41  # of a span that is walked
TOUCH = 1e-9  # nearer than this is met
COMMA = re.compile(r"[+-]?\d*,\d+ *%?")
PERCENT_FROM = 10  # what is lower and still above 1 is hardly a percentage without its sign


@dataclass(frozen=True, kw_only=True)
class Span:
    """All numbers from `low` to `high`, both included."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value lies within, or touches."""
        return self.low - TOUCH <= value <= self.high + TOUCH

    def meets(self, other: "Span") -> bool:
        """Whether any number lies in both, more than a common end; a span of one number needs no more."""
        common = min(self.high, other.high) - max(self.low, other.low)
        point = min(self.high - self.low, other.high - other.low) < TOUCH
        return common >= -TOUCH if point else common > TOUCH

    def nearest_to(self, other: "Span") -> float:
        """The number within that is nearest to the other span."""
        return self.low if other.high < self.low else min(self.high, max(self.low, other.low))

    def walk(self, steps: int = STEPS) -> list[float]:
        """Evenly spaced numbers from end to end; one where the ends are the same."""
        return [self.low] if self.high - self.low < TOUCH else [float(value) for value in np.linspace(self.low, self.high, steps)]


def as_printed(text: str, name: str, *, digits: int | None = None) -> Span:
    """The values that round to a figure in print, to as many digits as it shows or as are told; 73% is read as .73."""
    if COMMA.fullmatch(text.strip()):
        raise DataError(f"{name} is {text.strip()}: a decimal comma is not read, write {text.strip().replace(',', '.')}")
    try:
        number = Decimal(text.strip().removesuffix("%"))
        places = -int(number.as_tuple().exponent)
    except (InvalidOperation, ValueError) as error:
        raise DataError(f"{name} is {text!r}: a share such as .73 is needed") from error
    if text.strip().endswith("%"):
        number, places = number / 100, places + 2
    if not 0 <= number <= 1:
        hint = f", did you mean {number / 100:f} or {text.strip()}%?" if PERCENT_FROM <= number <= 100 else ""
        raise DataError(f"{name} is {text.strip()}: shares run from 0 to 1{hint}")
    if places < 1 and digits is None:
        raise DataError(f"{name} is {text.strip()}: to how many digits? Write all of them, as in {number:.2f}")
    if digits is not None and places > digits:
        raise DataError(f"{name} is {text.strip()}: as a share it shows {places} digits, and {digits} are claimed")
    half = Decimal(10) ** -(places if digits is None else digits) / 2
    return Span(low=float(max(Decimal(0), number - half)), high=float(min(Decimal(1), number + half)))
