"""
Whether an accuracy and an F1 in print can belong to the same answers, given the share of the positive label.

A printed figure stands for every value that rounds to it; a half belongs to one of its neighbours, so two spans that only
touch do not agree. Of a result only two numbers are free: the shares of all rows that are true positives (x) and true
negatives (t). Accuracy is x + t, and either label's F1, 2x / (x + 1 - t) and 2t / (t + 1 - x), rises with both. So the F1
that an accuracy allows is an interval whose ends have closed forms: the least at an end of the line of the least accuracy,
the greatest on the line of the greatest, where an average of two concave functions has one peak. That answers yes or no
exactly; only for the averages (macro, weighted) a share that is itself rounded is walked in steps.

Recall and precision: for one label's F1 every limit is linear, and the extremes stand at the corners of a polytope. For
the averages they are searched along lines of one accuracy, to about .001.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.printed import STEPS, TOUCH, Span

DEFINITIONS = ("f1_positive", "f1_negative", "macro_f1", "weighted_f1")
IN_WORDS: Mapping[str, str] = {
    "f1_positive": "of the positive label",
    "f1_negative": "of the negative label",
    "macro_f1": "macro",
    "weighted_f1": "weighted",
}
AVERAGES = ("macro_f1", "weighted_f1")
LEAST_SHARE = 1e-6  # of either label, where a printed .00 or 1.00 would allow none: far above what arithmetic loses
COUNTED_AT_MOST = 30_000_000  # ways to fill a table of counts that are still tried one by one

Corners = NDArray[np.float64]  # each row true positives, true negatives and positives, as shares of all rows


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a cell would mean if its F1 were of this definition."""

    definition: str
    feasible: bool
    attainable: Span  # the F1 that this accuracy and share allow
    nearest_f1: float  # the F1 nearest to the printed one that the accuracy allows
    nearest_accuracy: float  # the accuracy nearest to the printed one that the F1 allows
    recall: Span | None  # of the positive label; None where it is not feasible
    precision: Span | None


@dataclass(frozen=True, kw_only=True)
class Check:
    """A cell read by every definition of F1; `counted` tells whether whole rows were tried as well as shares."""

    accuracy: Span
    f1: Span
    prevalence: Span
    readings: Mapping[str, Reading]
    counted: bool = False

    @property
    def possible(self) -> bool:
        """Whether any definition of F1 admits the cell."""
        return any(reading.feasible for reading in self.readings.values())


@dataclass(frozen=True, kw_only=True)
class Constant:
    """How the same answer for every row fares."""

    answer: str
    accuracy: float
    f1: Mapping[str, float]


def check(accuracy: Span, f1: Span, prevalence: Span, *, rows: int | None = None) -> Check:
    """Read the cell by every definition; with a number of rows, whole counts must give the figures too, where few enough."""
    if prevalence.high <= 0 or prevalence.low >= 1:
        raise DataError(f"the share of the positive label is {prevalence.low:g}: there must be rows of both labels")
    low, high = max(LEAST_SHARE, prevalence.low), min(1 - LEAST_SHARE, prevalence.high)
    prevalence = Span(low=min(low, prevalence.high), high=max(high, prevalence.low))
    found, counted = {}, False
    for definition in DEFINITIONS:
        by_counts = None if rows is None else whole_rows_exist(definition, accuracy, f1, prevalence, rows)
        found[definition] = _read(definition, accuracy, f1, prevalence, by_counts)
        counted = counted or by_counts is not None
    return Check(accuracy=accuracy, f1=f1, prevalence=prevalence, readings=found, counted=counted)


def attainable(definition: str, accuracy: Span, prevalence: Span) -> Span:
    """The F1 that an accuracy and a share of the positive label allow."""
    shares = prevalence.walk(STEPS if definition in AVERAGES else 2)
    ends = [(_ends(definition, accuracy.low, share)[0], _ends(definition, accuracy.high, share)[1]) for share in shares]
    return Span(low=min(low for low, _ in ends), high=max(high for _, high in ends))


def accuracy_for(definition: str, f1: Span, prevalence: Span) -> Span:
    """The accuracy that an F1 allows: both ends of the attainable F1 rise with accuracy."""

    def of(accuracy: float) -> Span:
        return attainable(definition, Span(low=accuracy, high=accuracy), prevalence)

    least = _first(lambda accuracy: of(accuracy).high >= f1.low - TOUCH)
    too_much = _first(lambda accuracy: of(accuracy).low > f1.high + TOUCH)
    return Span(low=least, high=max(least, too_much))


def constant_answers(prevalence: float) -> tuple[Constant, Constant]:
    """Every row called positive, and every row called negative."""
    always, never = 2 * prevalence / (1 + prevalence), 2 * (1 - prevalence) / (2 - prevalence)
    return (
        Constant(answer="always positive", accuracy=prevalence, f1=_averages(always, 0.0, prevalence)),
        Constant(answer="always negative", accuracy=1 - prevalence, f1=_averages(0.0, never, prevalence)),
    )


def why_not(found: Check) -> str:
    """Why no definition of F1 admits a cell: what this accuracy allows of each, and the accuracy the F1 would fit."""
    if any(reading.attainable.meets(found.f1) for reading in found.readings.values()):
        return "no table of so many whole rows has these figures, though shares of rows could have them"
    ranges = [f"{IN_WORDS[name]} {one.attainable.low:.3f} to {one.attainable.high:.3f}" for name, one in found.readings.items()]
    nearest = min(found.readings.values(), key=lambda one: abs(one.nearest_accuracy - found.accuracy.low))
    share = (found.prevalence.low + found.prevalence.high) / 2
    return (
        f"no definition of F1 admits it: at this accuracy, with {share * 100:.1f} % positive rows, F1 can be {', '.join(ranges)};"
        f" the nearest accuracy this F1 allows is {nearest.nearest_accuracy:.3f} ({IN_WORDS[nearest.definition]})"
    )


def whole_rows_exist(definition: str, accuracy: Span, f1: Span, prevalence: Span, rows: int) -> bool | None:
    """Whether so many rows can be counted into a table with these figures; None where there are too many ways to try."""
    positives, correct = _whole(prevalence, rows), _whole(accuracy, rows)
    if len(positives) * len(correct) * rows > COUNTED_AT_MOST:
        return None
    right = np.array(correct, dtype=np.float64)[:, None]
    for count in positives:
        x = np.arange(count + 1, dtype=np.float64)[None, :]
        t = right - x
        wrong = np.broadcast_to(rows - right, t.shape)
        with np.errstate(invalid="ignore", divide="ignore"):
            either = [np.where(hit > 0, 2 * hit / (2 * hit + wrong), 0.0) for hit in (np.broadcast_to(x, t.shape), t)]
        of_positive, of_negative = _weights(definition, count / rows)
        value = of_positive * either[0] + of_negative * either[1]
        fits = (t >= 0) & (t <= rows - count) & (value >= f1.low - TOUCH) & (value <= f1.high + TOUCH)
        if fits.any():
            return True
    return False


def _read(definition: str, accuracy: Span, f1: Span, prevalence: Span, by_counts: bool | None) -> Reading:
    allowed = attainable(definition, accuracy, prevalence)
    fitting = accuracy_for(definition, f1, prevalence)
    feasible = allowed.meets(f1) and by_counts is not False
    recall = precision = None
    if feasible:
        search = _along_lines if definition in AVERAGES else _corners
        points = search(definition, accuracy, f1, prevalence)
        recall, precision = _recall_and_precision(points)
    return Reading(
        definition=definition,
        feasible=feasible,
        attainable=allowed,
        nearest_f1=allowed.nearest_to(f1),
        nearest_accuracy=fitting.nearest_to(accuracy),
        recall=recall,
        precision=precision,
    )


def _weights(definition: str, prevalence: float) -> tuple[float, float]:
    """What each label's F1 counts for: the positive, the negative."""
    of_positive = {"f1_positive": 1.0, "f1_negative": 0.0, "macro_f1": 0.5, "weighted_f1": prevalence}[definition]
    return of_positive, 1 - of_positive


def _averages(of_positive: float, of_negative: float, prevalence: float) -> dict[str, float]:
    weights = {definition: _weights(definition, prevalence) for definition in DEFINITIONS}
    return {definition: one * of_positive + other * of_negative for definition, (one, other) in weights.items()}


def _value(definition: str, x: float, t: float, prevalence: float) -> float:
    wrong, (of_positive, of_negative) = 1 - x - t, _weights(definition, prevalence)
    value = of_positive * 2 * x / (2 * x + wrong) if x > 0 else 0.0
    return value + (of_negative * 2 * t / (2 * t + wrong) if t > 0 else 0.0)


def _line(definition: str, accuracy: float, prevalence: float) -> tuple[float, float, float]:
    """The true positives along the line of one accuracy: the fewest, those of the greatest F1, the most."""
    fewest, most = max(0.0, accuracy - (1 - prevalence)), min(prevalence, accuracy)
    of_positive, of_negative = _weights(definition, prevalence)
    if not of_positive or not of_negative:
        return fewest, most if of_positive else fewest, most
    slope, wrong = math.sqrt(of_negative / of_positive), 1 - accuracy
    peak = (2 * accuracy + wrong * (1 - slope)) / (2 * (1 + slope))
    return fewest, min(most, max(fewest, peak)), most


def _ends(definition: str, accuracy: float, prevalence: float) -> tuple[float, float]:
    """The least and the greatest F1 along the line of one accuracy."""
    fewest, peak, most = (
        _value(definition, x, max(0.0, accuracy - x), prevalence) for x in _line(definition, accuracy, prevalence)
    )
    return min(fewest, most), peak


def _first(holds: Callable[[float], bool]) -> float:
    """From where on it holds, between 0 and 1; 1 where it never does."""
    low, high = 0.0, 1.0
    if holds(low):
        return low
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _corners(definition: str, accuracy: Span, f1: Span, prevalence: Span) -> Corners:
    """The corners of all (x, t, share) that give the figures: each limit is a plane a·v <= b."""
    low = ((f1.low - 2, -f1.low, 0.0), -f1.low)  # 2x >= low * (x + 1 - t)
    high = ((2 - f1.high, f1.high, 0.0), f1.high)
    if definition == "f1_negative":
        low, high = (((t, x, s), limit) for (x, t, s), limit in (low, high))
    planes = [
        ((-1.0, 0.0, 0.0), 0.0),
        ((0.0, -1.0, 0.0), 0.0),
        ((1.0, 0.0, -1.0), 0.0),  # no more true positives than positives
        ((0.0, 1.0, 1.0), 1.0),
        ((-1.0, -1.0, 0.0), -accuracy.low),
        ((1.0, 1.0, 0.0), accuracy.high),
        ((0.0, 0.0, -1.0), -prevalence.low),
        ((0.0, 0.0, 1.0), prevalence.high),
        low,
        high,
    ]
    sides, limits = (np.array(column, dtype=np.float64) for column in zip(*planes, strict=True))
    three = np.array(list(combinations(range(len(planes)), 3)))
    three = three[np.abs(np.linalg.det(sides[three])) > 1e-12]
    points = np.linalg.solve(sides[three], limits[three][..., None])[..., 0]
    return np.asarray(points[(points @ sides.T <= limits + TOUCH).all(axis=1)])


def _along_lines(definition: str, accuracy: Span, f1: Span, prevalence: Span) -> Corners:
    """Points at the ends of every stretch that gives the figures, on lines of one accuracy and one share."""
    fitting = accuracy_for(definition, f1, prevalence)
    lines = Span(low=max(accuracy.low, fitting.low), high=min(accuracy.high, max(accuracy.low, fitting.high)))
    found = []
    for share in prevalence.walk(5):
        for line in lines.walk():
            fewest, peak, most = _line(definition, line, share)
            for outer in (fewest, most):
                found += [(x, line - x, share) for x in _stretch(definition, line, share, f1, outer, peak)]
    return np.array(found, dtype=np.float64).reshape(-1, 3)


def _stretch(definition: str, accuracy: float, share: float, f1: Span, outer: float, peak: float) -> list[float]:
    """The true positives between an end of a line and its peak, where F1 enters and leaves its span."""

    def value(way: float) -> float:
        x = outer + way * (peak - outer)
        return _value(definition, x, max(0.0, accuracy - x), share)

    if value(0) > f1.high + TOUCH or value(1) < f1.low - TOUCH:
        return []
    ways = (_first(lambda way: value(way) >= f1.low), _first(lambda way: value(way) > f1.high))
    return [outer + way * (peak - outer) for way in ways]


def _recall_and_precision(points: Corners) -> tuple[Span | None, Span | None]:
    x, t, share = points.T
    called = x + 1 - share - t
    recall, precision = x[share > TOUCH] / share[share > TOUCH], x[called > TOUCH] / called[called > TOUCH]
    spans = [
        Span(low=max(0.0, float(found.min())), high=min(1.0, float(found.max()))) if len(found) else None
        for found in (recall, precision)
    ]
    return spans[0], spans[1]


def _whole(shares: Span, rows: int) -> range:
    return range(math.ceil(shares.low * rows - 1e-6), math.floor(shares.high * rows + 1e-6) + 1)
