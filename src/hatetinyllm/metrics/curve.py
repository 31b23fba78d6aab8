"""
Curves to draw: ROC, precision and recall, and every figure by its threshold.

A point stands for each place a threshold can take, from above all scores down to the lowest. Where there are more than can
be drawn, those are kept that lie most evenly along the curve, both ends always; None keeps all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.metrics.ranking import Levels, levels_of, one_label

POINTS = 400

Column = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Roc:
    """False against true positive rate, from (0, 0) at an infinite threshold to (1, 1)."""

    thresholds: Column
    fpr: Column
    tpr: Column

    @property
    def area(self) -> float:
        """Under straight lines between the points: the AUROC where none was left out."""
        return float(np.sum(np.diff(self.fpr) * (self.tpr[1:] + self.tpr[:-1])) / 2)


@dataclass(frozen=True, kw_only=True)
class PrecisionRecall:
    """Precision against recall, one point for each distinct score, the highest first, and the share to compare with."""

    thresholds: Column
    recall: Column
    precision: Column
    prevalence: float  # the precision of calling everything positive


@dataclass(frozen=True, kw_only=True)
class ByThreshold:
    """What each distinct score would do as the threshold, the lowest first; `called` is the share called positive."""

    thresholds: Column
    precision: Column
    recall: Column
    fpr: Column
    f1: Column  # of the positive label
    called: Column


def roc(truth: Truth, scores: Scores, *, points: int | None = POINTS) -> Roc:
    """The ROC curve."""
    levels = _levels(truth, scores)
    tpr, fpr = levels.true / levels.true[-1], levels.false / levels.false[-1]
    kept = thinned(tpr + fpr, points)
    return Roc(thresholds=levels.thresholds[kept], fpr=fpr[kept], tpr=tpr[kept])


def precision_recall(truth: Truth, scores: Scores, *, points: int | None = POINTS) -> PrecisionRecall:
    """The curve of precision and recall."""
    levels = _levels(truth, scores)
    true, false = levels.true[1:], levels.false[1:]
    recall, called = true / true[-1], (true + false) / len(truth)
    kept = thinned(recall + called, points)
    precision = true / (true + false)
    return PrecisionRecall(
        thresholds=levels.thresholds[1:][kept],
        recall=recall[kept],
        precision=precision[kept],
        prevalence=float(levels.true[-1] / len(truth)),
    )


def by_threshold(truth: Truth, scores: Scores, *, points: int | None = POINTS) -> ByThreshold:
    """Precision, recall, false positive rate, F1 and the share called positive at every threshold."""
    levels = _levels(truth, scores)
    thresholds, true, false = levels.thresholds[:0:-1], levels.true[:0:-1], levels.false[:0:-1]
    called, positives, negatives = true + false, levels.true[-1], levels.false[-1]
    spread = max(float(thresholds[-1] - thresholds[0]), np.finfo(np.float64).tiny)
    kept = thinned((thresholds - thresholds[0]) / spread + 1 - called / len(truth), points)
    return ByThreshold(
        thresholds=thresholds[kept],
        precision=(true / called)[kept],
        recall=(true / positives)[kept],
        fpr=(false / negatives)[kept],
        f1=(2 * true / (called + positives))[kept],
        called=(called / len(truth))[kept],
    )


def thinned(along: Column, points: int | None) -> NDArray[np.int64]:
    """The places of at most so many entries of a rising column, as evenly along it as there are, both ends among them."""
    if points is None or len(along) <= points:
        return np.arange(len(along))
    if points < 2:
        raise DataError(f"a curve needs its two ends, and {points} points were asked for")
    marks = np.linspace(along[0], along[-1], points)
    places = np.clip(np.searchsorted(along, marks), 0, len(along) - 1)
    places[0], places[-1] = 0, len(along) - 1
    return np.unique(places)


def _levels(truth: Truth, scores: Scores) -> Levels:
    if one_label(truth):
        raise DataError(f"a curve needs rows of both labels, and all {len(truth):,} have the same")
    return levels_of(truth, scores)
