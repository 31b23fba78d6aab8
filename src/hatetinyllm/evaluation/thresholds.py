"""
Choose a bundle's modes on rows the weights were not fitted to, and that no figure is reported on.

best-guess      the likelier label
balanced        the threshold with the best macro-F1
high-precision  the lowest threshold from which at least nine of ten rows called positive are; left out where none is
high-recall     the highest threshold from which at least 95 of 100 positive rows are called so

What these reach was measured on the very rows that chose them, and is promised of no others. A training chooses the first
three on its dev part; `calibrate` chooses all, and the modes that promise (promise.py) or abstain (band.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics.classification import Truth
from hatetinyllm.policy import BEST_GUESS, BEST_GUESS_BAND, DIGITS
from hatetinyllm.types import Band

PRECISION_WANTED = 0.9
RECALL_WANTED = 0.95
ROWS_WANTED = 20  # fewer rows above a threshold say nothing about its precision


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """Every place a threshold can stand, high to low, and the rows from there on: the positive ones, and all."""

    thresholds: NDArray[np.float64]
    hits: Truth
    called: Truth
    positives: int
    rows: int


def choose_bands(truth: Truth, scores: NDArray[np.float64]) -> dict[str, Band]:
    """Mode -> band, from the scores of a dev part; without both labels only best-guess can be chosen."""
    bands = {BEST_GUESS: BEST_GUESS_BAND}
    if len(np.unique(truth)) < 2:
        return bands
    cuts = cuts_of(truth, np.round(scores, DIGITS))
    bands["balanced"] = at(balanced(cuts))
    if (precise := high_precision(cuts, PRECISION_WANTED)) is not None:
        bands["high-precision"] = at(precise)
    return bands


def cuts_of(truth: Truth, scores: NDArray[np.float64]) -> Cuts:
    """The places between scores, which are rounded as they are shown."""
    seen, hits, called = _counts_by_cut(truth, scores)
    return Cuts(thresholds=_between(seen), hits=hits, called=called, positives=int(truth.sum()), rows=len(truth))


def balanced(cuts: Cuts) -> float:
    """The threshold with the best macro-F1, the highest of equals."""
    return float(cuts.thresholds[int(np.argmax(_macro_f1(cuts.hits, cuts.called, cuts.positives, cuts.rows)))])


def high_precision(cuts: Cuts, wanted: float) -> float | None:
    """The lowest threshold whose precision is what is wanted, over rows enough to say so; None where there is none."""
    precise = (cuts.hits / cuts.called >= wanted) & (cuts.called >= ROWS_WANTED)
    return float(cuts.thresholds[precise].min()) if precise.any() else None


def high_recall(cuts: Cuts, wanted: float) -> float:
    """The highest threshold whose recall is what is wanted; there is one, for the lowest calls every row positive."""
    return float(cuts.thresholds[int(np.argmax(cuts.hits / cuts.positives >= wanted))])


def at(threshold: float) -> Band:
    """The band that leaves nothing undecided."""
    return Band(low=threshold, high=threshold)


def _between(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each score, high to low, a threshold half way down to the next: no dev row lies on the edge of its own mode."""
    below = np.append(seen[1:], 0.0)
    return np.asarray(np.round((seen + below) / 2, DIGITS + 1))


def _counts_by_cut(truth: Truth, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], Truth, Truth]:
    """Every score as a threshold, high to low: the positives and the rows at or above it."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # the last row of each run of equal scores
    return ranked[last], np.cumsum(truth[order])[last], last + 1


def _macro_f1(hits: Truth, called: Truth, positives: int, rows: int) -> NDArray[np.float64]:
    f1_positive = 2 * hits / (called + positives)
    negative_hits = (rows - called) - (positives - hits)
    f1_negative = 2 * negative_hits / ((rows - called) + (rows - positives))
    averaged: NDArray[np.float64] = (f1_positive + f1_negative) / 2
    return averaged
