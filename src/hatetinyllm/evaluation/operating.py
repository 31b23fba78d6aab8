"""
Thresholds chosen on one part and tried on another: what a person would have got, beside what nobody can choose.

The oracle is the best threshold for the very rows that are judged. It is a ceiling, not a result, and is printed so that
nobody has to guess how much the choice of a threshold has cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics.classification import Scores, Truth, called

FPR_LIMITS = (0.01, 0.05)
TPR_LIMITS = (0.90, 0.95)


@dataclass(frozen=True, kw_only=True)
class Operating:
    """A rule, the threshold it chose on other rows, what came of it here, and what the oracle would have got."""

    rule: str
    threshold: float | None  # None: no threshold of the other rows keeps to the rule
    recall: float | None
    fpr: float | None
    macro_f1: float | None
    oracle: float | None  # of the figure the rule wants most of, at the best threshold for these rows
    wants: str  # the figure's name


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Every score as a threshold, and beyond the highest one that calls nothing positive."""

    thresholds: NDArray[np.float64]
    recall: NDArray[np.float64]
    fpr: NDArray[np.float64]
    macro_f1: NDArray[np.float64]


def operating_points(truth: Truth, scores: Scores, *, dev_truth: Truth, dev_scores: Scores) -> tuple[Operating, ...]:
    """The rules of `RULES`, each chosen on the dev rows; none where either part has one label only."""
    if min(len(np.unique(truth)), len(np.unique(dev_truth))) < 2:
        return ()
    dev, here = sweep(dev_truth, dev_scores), sweep(truth, scores)
    found = [
        _tried("best macro-F1", "macro_f1", float(dev.thresholds[dev.macro_f1.argmax()]), truth, scores, here.macro_f1.max())
    ]
    for limit in FPR_LIMITS:
        rule, fits = f"most recall at FPR ≤ {limit:.2f}", here.fpr <= limit
        found.append(_tried(rule, "recall", _most(dev, dev.recall, dev.fpr <= limit), truth, scores, here.recall[fits].max()))
    for limit in TPR_LIMITS:
        rule, fits = f"least FPR at recall ≥ {limit:.2f}", here.recall >= limit
        found.append(_tried(rule, "fpr", _most(dev, -dev.fpr, dev.recall >= limit), truth, scores, here.fpr[fits].min()))
    return tuple(found)


def sweep(truth: Truth, scores: Scores) -> Sweep:
    """Recall, false-positive rate and macro-F1 at every threshold, from the strictest down."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(truth[order])
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    positives, rows = int(truth.sum()), len(truth)
    tp = np.concatenate([[0], hits[last]]).astype(np.float64)
    fp = np.concatenate([[0], last + 1 - hits[last]]).astype(np.float64)
    fn, tn = positives - tp, rows - positives - fp
    of_positive, of_negative = 2 * tp / (2 * tp + fp + fn), 2 * tn / np.maximum(2 * tn + fp + fn, 1)
    return Sweep(
        thresholds=np.concatenate([[np.nextafter(ranked[0], np.inf)], ranked[last]]),
        recall=tp / max(positives, 1),
        fpr=fp / max(rows - positives, 1),
        macro_f1=(of_positive + of_negative) / 2,
    )


def _most(dev: Sweep, wanted: NDArray[np.float64], fits: NDArray[np.bool_]) -> float | None:
    """The threshold with the most of what is wanted among those that keep to the rule; the strictest of equal ones."""
    if not fits.any():
        return None
    return float(dev.thresholds[np.flatnonzero(fits)[int(wanted[fits].argmax())]])


def _tried(rule: str, wants: str, threshold: float | None, truth: Truth, scores: Scores, oracle: float) -> Operating:
    if threshold is None:
        return Operating(rule=rule, threshold=None, recall=None, fpr=None, macro_f1=None, oracle=float(oracle), wants=wants)
    calls = called(scores, threshold)
    return Operating(
        rule=rule,
        threshold=threshold,
        recall=_share(calls[truth == 1]),
        fpr=_share(calls[truth == 0]),
        macro_f1=_macro_f1(truth, calls),
        oracle=float(oracle),
        wants=wants,
    )


def _share(marks: Truth) -> float | None:
    return float(marks.mean()) if len(marks) else None


def _macro_f1(truth: Truth, calls: Truth) -> float:
    def f1(of: Sequence[int] | Truth, said: Sequence[int] | Truth) -> float:
        of, said = np.asarray(of), np.asarray(said)
        both, either = int((of & said).sum()), int(of.sum() + said.sum())
        return 2 * both / either if either else 0.0

    return (f1(truth, calls) + f1(1 - truth, 1 - calls)) / 2
