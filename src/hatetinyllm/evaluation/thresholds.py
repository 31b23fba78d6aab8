"""
Choose a bundle's modes on the dev part: rows the weights were not fitted to, and that no figure is reported on.

best-guess      the likelier label
balanced        the threshold with the best macro-F1
high-precision  the lowest threshold from which at least nine of ten rows called positive are; left out where none is

Modes with a stated guarantee need a calibration set of their own and come with the issue on judgement.
"""

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics.classification import Truth
from hatetinyllm.policy import BEST_GUESS, BEST_GUESS_BAND, DIGITS
from hatetinyllm.types import Band

PRECISION_WANTED = 0.9
ROWS_WANTED = 20  # fewer rows above a threshold say nothing about its precision


def choose_bands(truth: Truth, scores: NDArray[np.float64]) -> dict[str, Band]:
    """Mode -> band, from the scores of a dev part; without both labels only best-guess can be chosen."""
    bands = {BEST_GUESS: BEST_GUESS_BAND}
    if len(np.unique(truth)) < 2:
        return bands
    seen, hits, called = _counts_by_cut(truth, np.round(scores, DIGITS))
    cuts = _between(seen)
    bands["balanced"] = _at(cuts[int(np.argmax(_macro_f1(hits, called, int(truth.sum()), len(truth))))])
    precise = (hits / called >= PRECISION_WANTED) & (called >= ROWS_WANTED)
    if precise.any():
        bands["high-precision"] = _at(cuts[precise].min())
    return bands


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


def _at(threshold: float) -> Band:
    return Band(low=float(threshold), high=float(threshold))
