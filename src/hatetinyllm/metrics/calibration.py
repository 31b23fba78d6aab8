"""
How far scores can be read as shares: of the rows that score .7, seven in ten should be positive.

All of it is about the positive label's score, never about the surer of both labels. The threshold that every metric is
given plays no part. Errors summed over bins are above nothing even for true probabilities, the more so the fewer the rows:
read them with their interval. Drawn rows repeat, which is as if there were fewer, so that interval leans upwards.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics.classification import Scores, Truth

BINS = 15
CLIP = 1e-7  # scores in single precision can be 0 or 1; one such row that is wrong would make nll infinite


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows of like scores; of equal width `low` and `high` are its borders, of equal mass the least and greatest score in it."""

    low: float
    high: float
    rows: int
    mean_score: float
    share_positive: float


def ece_pos(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Mean distance of score and share of positive rows over 15 bins of equal width, each as much as it has rows."""
    return _distance(truth, scores, bin_of(scores))


def ece_pos_adaptive(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The same over 15 bins of equally many rows, as far as equal scores, which stay together, allow."""
    return _distance(truth, scores, bin_of(scores, equal_mass=True))


def brier(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Mean squared distance of score and truth."""
    return float(np.mean((scores - truth) ** 2))


def nll(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Mean negative logarithm of the score the true label got; a score is taken for at least 1e-7 from 0 and 1."""
    return float(losses(truth, scores).mean())


def losses(truth: Truth, scores: Scores) -> NDArray[np.float64]:
    """The negative logarithm of the score each row's true label got."""
    kept = np.clip(scores, CLIP, 1 - CLIP)
    return -np.log(np.where(truth == 1, kept, 1 - kept))


def reliability(truth: Truth, scores: Scores, *, bins: int = BINS, equal_mass: bool = False) -> tuple[Bin, ...]:
    """Mean score and share of positive rows, bin by bin from low to high; bins without rows are left out."""
    places = bin_of(scores, bins=bins, equal_mass=equal_mass)
    found = []
    for place in np.unique(places).tolist():
        inside = scores[places == place]
        low, high = (float(inside.min()), float(inside.max())) if equal_mass else (place / bins, (place + 1) / bins)
        share = float(truth[places == place].mean())
        found.append(Bin(low=low, high=high, rows=len(inside), mean_score=float(inside.mean()), share_positive=share))
    return tuple(found)


def bin_of(scores: Scores, *, bins: int = BINS, equal_mass: bool = False) -> NDArray[np.int64]:
    """
    Each row's bin, numbered from 0.

    A score on the border of two bins of equal width belongs to the upper. Of equal mass: rows of one score go together to
    the bin that holds the middle of their ranks, so the order of the rows changes nothing, and a bin may stay empty.
    """
    if not equal_mass:
        borders = np.arange(1, bins) / bins
        return np.searchsorted(borders, scores, side="right").astype(np.int64)
    _, level, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    middles = np.cumsum(sizes) - sizes / 2
    placed: NDArray[np.int64] = np.minimum(middles * bins / len(scores), bins - 1).astype(np.int64)[level]
    return placed


def _distance(truth: Truth, scores: Scores, places: NDArray[np.int64]) -> float:
    return float(np.abs(np.bincount(places, weights=scores - truth)).sum() / len(scores))
