"""
How far a figure would wander on other rows of the same kind: the percentile bootstrap, from a table of counts alone.

To draw n rows with replacement and count their pairs of truth and call is to draw the four counts from a multinomial
with the observed shares, exactly; so no row needs to be kept. Rows are taken as independent: where kin stand in one test
part (contrast pairs, near-duplicates) the true interval is wider. It says nothing of other seeds of training.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.types import Result

Counts = NDArray[np.float64]

DRAWS = 2000
LEVEL = 0.95


def bootstrap(
    confusion: Sequence[Sequence[float]], metric: str, seed: int, *, draws: int = DRAWS, level: float = LEVEL
) -> tuple[float, float]:
    """The interval's low and high end for a metric of counts [[tn, fp], [fn, tp]], negative first; counts may be means."""
    if metric not in OF_COUNTS:
        raise DataError(f"there is no interval for the metric {metric!r} ({did_you_mean(metric, OF_COUNTS)})")
    counts = np.asarray(confusion, dtype=np.float64).ravel()
    rows = round(float(counts.sum()))
    if counts.shape != (4,) or (counts < 0).any() or rows < 1:
        raise DataError(f"an interval needs counts of two labels and at least one row, got {confusion!r}")
    drawn = np.random.default_rng(seed).multinomial(rows, counts / counts.sum(), size=draws).astype(np.float64)
    values = of_counts(drawn, metric)
    values = values[~np.isnan(values)]
    if not len(values):
        raise DataError(f"there is no interval for the metric {metric!r}: the rows have one label only")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def of_counts(counts: Counts, metric: str) -> Counts:
    """
    A metric of each row of counts tn, fp, fn, tp; 0 where a ratio has nothing below the line.

    What is asked of the rows of one label (fpr, fnr, balanced accuracy) is not a number where there are none of them.
    """
    tn, fp, fn, tp = np.asarray(counts, dtype=np.float64).T
    return OF_COUNTS[metric](tn, fp, fn, tp)


def mean_confusion(results: Sequence[Result]) -> list[list[float]]:
    """The counts of one head's results, averaged: rows by truth, columns by call, negative first."""
    positive = results[0].positive
    negative = next(label for label in results[0].confusion if label != positive)
    order = (negative, positive)
    return [[float(np.mean([one.confusion[truth][call] for one in results])) for call in order] for truth in order]


def _f1(tp: Counts, fp: Counts, fn: Counts) -> Counts:
    return _ratio(2 * tp, 2 * tp + fp + fn)


def _weighted_f1(tn: Counts, fp: Counts, fn: Counts, tp: Counts) -> Counts:
    return _ratio((tp + fn) * _f1(tp, fp, fn) + (tn + fp) * _f1(tn, fn, fp), tn + fp + fn + tp)


def _mcc(tn: Counts, fp: Counts, fn: Counts, tp: Counts) -> Counts:
    margins = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
    return _ratio(tp * tn - fp * fn, margins)


def _ratio(above: Counts, below: Counts, *, otherwise: float = 0.0) -> Counts:
    return np.divide(above, below, out=np.full_like(above, otherwise), where=below > 0)


OF_COUNTS: Mapping[str, Callable[[Counts, Counts, Counts, Counts], Counts]] = {
    "accuracy": lambda tn, fp, fn, tp: _ratio(tn + tp, tn + fp + fn + tp),
    "balanced_accuracy": lambda tn, fp, fn, tp: (
        (_ratio(tp, tp + fn, otherwise=np.nan) + _ratio(tn, tn + fp, otherwise=np.nan)) / 2
    ),
    "f1_negative": lambda tn, fp, fn, tp: _f1(tn, fn, fp),
    "f1_positive": lambda tn, fp, fn, tp: _f1(tp, fp, fn),
    "fnr": lambda tn, fp, fn, tp: _ratio(fn, tp + fn, otherwise=np.nan),
    "fpr": lambda tn, fp, fn, tp: _ratio(fp, tn + fp, otherwise=np.nan),
    "macro_f1": lambda tn, fp, fn, tp: (_f1(tp, fp, fn) + _f1(tn, fn, fp)) / 2,
    "mcc": _mcc,
    "precision": lambda tn, fp, fn, tp: _ratio(tp, tp + fp),
    "recall": lambda tn, fp, fn, tp: _ratio(tp, tp + fn),
    "weighted_f1": _weighted_f1,
}
