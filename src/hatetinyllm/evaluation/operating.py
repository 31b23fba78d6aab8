"""
Thresholds chosen on one part and tried on another: what a person would have got, beside what nobody can choose.

The oracle is the best threshold for the very rows that are judged. It is a ceiling, not a result, and is printed so that
nobody has to guess how much the choice of a threshold has cost.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics.classification import Scores, Truth, confusion
from hatetinyllm.metrics.interval import of_counts
from hatetinyllm.metrics.ranking import levels_of, one_label

FIGURES = ("recall", "fpr", "macro_f1")
FPR_LIMITS = (0.01, 0.05)
TPR_LIMITS = (0.90, 0.95)


@dataclass(frozen=True, kw_only=True)
class Operating:
    """A rule, the threshold it chose on other rows, what came of it here, and what the oracle would have got."""

    rule: str
    threshold: float | None  # None: nothing may be called positive
    recall: float
    fpr: float
    macro_f1: float
    oracle: float  # of the figure the rule wants most of, at the best threshold for these rows
    wants: str  # that figure's name


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The figures at every place a threshold can stand, from the strictest down."""

    thresholds: NDArray[np.float64]
    figures: Mapping[str, NDArray[np.float64]]


def operating_points(truth: Truth, scores: Scores, *, dev_truth: Truth, dev_scores: Scores) -> tuple[Operating, ...]:
    """The rules, each chosen on the dev rows; none where either part has one label only."""
    if one_label(truth) or one_label(dev_truth):
        return ()
    dev, here = sweep(dev_truth, dev_scores), sweep(truth, scores)
    found = [_tried("best macro-F1", "macro_f1", dev, here, truth, scores)]
    for limit in FPR_LIMITS:
        found.append(_tried(f"most recall at FPR ≤ {limit:.2f}", "recall", dev, here, truth, scores, fpr_at_most=limit))
    for limit in TPR_LIMITS:
        found.append(_tried(f"least FPR at recall ≥ {limit:.2f}", "fpr", dev, here, truth, scores, recall_at_least=limit))
    return tuple(found)


def sweep(truth: Truth, scores: Scores) -> Sweep:
    """Recall, false-positive rate and macro-F1 wherever a threshold can stand."""
    levels, positives = levels_of(truth, scores), int(truth.sum())
    counts = [len(truth) - positives - levels.false, levels.false, positives - levels.true, levels.true]
    table = np.stack(counts, axis=1).astype(np.float64)
    return Sweep(thresholds=levels.thresholds, figures={name: of_counts(table, name) for name in FIGURES})


def _tried(
    rule: str, wants: str, dev: Sweep, here: Sweep, truth: Truth, scores: Scores, *,
    fpr_at_most: float = 1.0, recall_at_least: float = 0.0,
) -> Operating:  # fmt: skip
    best = [_best(one, wants, fpr_at_most, recall_at_least) for one in (dev, here)]
    threshold = float(dev.thresholds[best[0]])
    counts = confusion(truth, scores, threshold=threshold).reshape(1, 4).astype(np.float64)
    return Operating(
        rule=rule,
        threshold=threshold if math.isfinite(threshold) else None,
        **{name: float(of_counts(counts, name)[0]) for name in FIGURES},
        oracle=float(here.figures[wants][best[1]]),
        wants=wants,
    )


def _best(sweep: Sweep, wants: str, fpr_at_most: float, recall_at_least: float) -> int:
    """The place with the most of what is wanted (or least, of FPR) that keeps to the rule, the strictest of equals."""
    fits = np.flatnonzero((sweep.figures["fpr"] <= fpr_at_most) & (sweep.figures["recall"] >= recall_at_least))
    wanted = sweep.figures[wants][fits] * (-1 if wants == "fpr" else 1)
    return int(fits[int(wanted.argmax())])
