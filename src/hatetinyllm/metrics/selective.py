"""
What is won by leaving the least sure rows to people: the share of errors among those that are decided.

Sure is what scores far from the threshold: rows are taken in the order of |score - threshold|, the farthest first. Rows
equally far are decided together or not at all, so the order of the rows changes nothing; distances are compared to twelve
digits, for .5 - .3 and .7 - .5 to be one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics.classification import Scores, Truth, called
from hatetinyllm.metrics.ranking import Running, ends_of

DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class CoverageRisk:
    """One entry for each distance, the farthest from the threshold first; the last decides all rows."""

    distance: NDArray[np.float64]  # rows at least so far from the threshold are decided
    coverage: NDArray[np.float64]  # their share of all rows
    risk: NDArray[np.float64]  # the share of errors among them


def coverage_risk(truth: Truth, scores: Scores, threshold: float) -> CoverageRisk:
    """The curve of the share decided and the share of errors among them."""
    distances = distance_of(scores, threshold)
    order = np.argsort(-distances, kind="stable")
    ends = ends_of(distances[order])
    errors = np.cumsum(called(scores, threshold)[order] != truth[order])[ends[1:] - 1]
    return CoverageRisk(distance=distances[order][ends[1:] - 1], coverage=ends[1:] / len(scores), risk=errors / ends[1:])


def aurc(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Area under that curve: the risk at each step, as much as coverage rises there. Without ties the mean over all rows."""
    curve = coverage_risk(truth, scores, threshold)
    return float(np.sum(np.diff(curve.coverage, prepend=0.0) * curve.risk))


def distance_of(scores: Scores, threshold: float) -> NDArray[np.float64]:
    """How far each row is from the threshold."""
    return np.abs(scores - threshold).round(DIGITS).astype(np.float64)


def aurc_of(decided: Running, wrong: Running) -> NDArray[np.float64]:
    """The area for many weightings of the same rows: those decided up to each distance, and the errors among them."""
    risk = wrong[:, 1:] / np.maximum(decided[:, 1:], 1)  # no error where nothing is decided
    area: NDArray[np.float64] = np.einsum("dl,dl->d", np.diff(decided, axis=1), risk) / decided[:, -1]
    return area
