"""
Learning curves: a figure against the rows of train that it took, all judged on the same rows.

Several results of one size are seeds: the point is their mean, its interval the mean of theirs (the spread of rows), and
`deviation` the spread of seeds. What a doubling brings is a straight line through the points over the logarithm of the rows:
a summary of what was measured, and no promise of what comes after the last point.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.types import Interval, Result

METRIC = "macro_f1"


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """A result and the rows of train it took."""

    rows: int
    result: Result


@dataclass(frozen=True, kw_only=True)
class Point:
    """The figure at one size of train."""

    rows: int
    value: float
    interval: Interval | None
    seeds: int
    deviation: float | None  # of the seeds, n - 1; None with one


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The points from the fewest rows to the most, and what a doubling of the rows brought on the way."""

    metric: str
    points: tuple[Point, ...]
    per_doubling: float | None  # None with one size


def curve_of(learnt: Sequence[Learnt], metric: str = METRIC) -> Curve:
    """The curve of results on the same rows."""
    _refuse(learnt, metric)
    sizes = sorted({one.rows for one in learnt})
    points = tuple(_point([one.result for one in learnt if one.rows == size], size, metric) for size in sizes)
    return Curve(metric=metric, points=points, per_doubling=_per_doubling(points))


def curve_of_judgements(judgements: Sequence[Judgement], metric: str = METRIC) -> Curve:
    """The curve of bundles that were judged on the same part, each by the rows it learnt from."""
    problems = [f"{one.name} does not say how many rows it learnt from" for one in judgements if not one.train_rows]
    if len({one.judged.digest for one in judgements}) > 1:
        problems.append("they were not judged on the same rows")
    if problems:
        raise DataError("these judgements have no learning curve", problems)
    return curve_of([Learnt(rows=one.train_rows or 0, result=one.result) for one in judgements], metric)


def _refuse(learnt: Sequence[Learnt], metric: str) -> None:
    problems = [] if learnt else ["there is no result"]
    problems += [f"{one.result.name} learnt from {one.rows} rows" for one in learnt if one.rows < 1]
    if len({(one.result.head, one.result.positive, one.result.rows, one.result.prevalence) for one in learnt}) > 1:
        told = ", ".join(f"{one.result.name}: {one.result.rows:,}" for one in learnt)
        problems.append(f"the results are not of the same rows ({told})")
    for one in learnt:
        if metric not in one.result.metrics:
            problems.append(f"{one.result.name} has no figure {metric!r} ({did_you_mean(metric, one.result.metrics)})")
        elif one.result.metrics[metric] is None:
            problems.append(f"{one.result.name}: {metric} is not defined on its rows")
    if problems:
        raise DataError("there is no learning curve", problems)


def _point(results: Sequence[Result], rows: int, metric: str) -> Point:
    values = [value for one in results if (value := one.metrics[metric]) is not None]
    found = [one.intervals[metric] for one in results if metric in one.intervals]
    whole = len(found) == len(results)
    interval = Interval(low=_mean([one.low for one in found]), high=_mean([one.high for one in found])) if whole else None
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Point(rows=rows, value=_mean(values), interval=interval, seeds=len(values), deviation=deviation)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _per_doubling(points: Sequence[Point]) -> float | None:
    if len(points) < 2:  # a line needs two
        return None
    doublings = np.log2([point.rows for point in points])
    values = np.array([point.value for point in points])
    apart = doublings - doublings.mean()
    return float(apart @ (values - values.mean()) / (apart @ apart))
