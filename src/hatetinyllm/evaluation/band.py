"""
The band of doubt that a review budget buys: at most so many rows between its ends, and the fewest errors outside.

Every band is tried: for each lower end the highest upper end that the budget allows, since a wider band has no more errors
outside. Of bands with equally few errors the one with the fewest rows is taken, for people's time is dear. Errors of both
kinds count alike.
"""

import math

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.evaluation.promise import Refused, percent
from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.policy import DIGITS
from hatetinyllm.types import Band

ROUNDING = 1e-9  # .1 of 30 rows are 3 rows


def review_band(truth: Truth, scores: Scores, budget: float) -> Band | Refused:
    """The band, from scores rounded as they are shown."""
    most = math.floor(budget * len(scores) + ROUNDING)
    if not most:
        return Refused(reason=f"{percent(budget)} of {len(scores):,} rows are less than one row")
    levels, place = np.unique(scores, return_inverse=True)
    sizes, positives = np.bincount(place), np.bincount(place, weights=truth).astype(np.int64)
    # Cut i stands below level i; the last one stands above all, where there is room for it.
    below = np.concatenate([[0], np.cumsum(sizes)])
    missed = np.concatenate([[0], np.cumsum(positives)])  # positives below each cut
    false = np.concatenate([[0], np.cumsum((sizes - positives)[::-1])])[::-1]  # negatives from each cut on
    cuts = _between(levels)
    low = np.arange(len(cuts))
    widest = np.minimum(np.searchsorted(below, below[low] + most, side="right") - 1, len(cuts) - 1)
    # As low as can be without another error: negatives that a cut leaves below it do not come back.
    high = np.maximum(len(false) - np.searchsorted(false[::-1], false[widest], side="right"), low)
    best = np.lexsort((below[high] - below[low], missed[low] + false[high]))[0]
    return Band(low=float(cuts[low[best]]), high=float(cuts[high[best]]))


def _between(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """A cut below each level, half way to the next, and one above all unless the highest is 1."""
    above = levels[-1] + 10**-DIGITS
    edges = np.concatenate([[0.0], levels, [above] if above <= 1 else []])
    cuts = (edges[:-1] + edges[1:]) / 2
    return np.asarray(np.round(cuts, DIGITS + 1))
