"""
Contrast consistency: whether both of two matched texts are right (Gardner et al., 2020).

A flip pair differs in little and in its label; an invariance pair differs in little and not in its label. Beside the share
of pairs that are right twice stands what two independent answers of the same accuracy would reach: a model that looks at
what flips the label is well above it, one that looks at the common words is below. For invariance pairs the share that
got the same answer twice is told as well, right or wrong.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics.classification import called
from hatetinyllm.metrics.resample import CLUSTERS_AT_LEAST, interval_of, numbered, weights_of
from hatetinyllm.types import Interval

Kind = Literal["flip", "invariance"]
KINDS: tuple[Kind, ...] = ("flip", "invariance")


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """How pairs of one kind fare; `expected` is the square of the accuracy on their rows."""

    kind: Kind
    pairs: int
    consistent: float  # share of pairs that are right twice
    expected: float
    same: float  # share of pairs that got the same answer twice
    interval: Interval | None  # None with few groups of kin, as for any figure
    above_expected: Interval | None  # of `consistent` less `expected`


def contrasts_of(rows: Rows, *, threshold: float, draws: int, seed: int) -> tuple[Contrast, ...]:
    """Each kind of pair that is there; a row may stand in several pairs, and whole groups of kin are drawn."""
    pairs = rows.pairs()
    right = called(rows.scores, threshold) == rows.truth
    flips = rows.truth[pairs[:, 0]] != rows.truth[pairs[:, 1]]
    by_kind: dict[Kind, NDArray[np.int64]] = {"flip": pairs[flips], "invariance": pairs[~flips]}
    return tuple(_contrast(kind, chosen, right, rows, threshold, draws, seed) for kind, chosen in by_kind.items() if len(chosen))


def _contrast(
    kind: Kind, pairs: NDArray[np.int64], right: NDArray[np.bool_], rows: Rows, threshold: float, draws: int, seed: int
) -> Contrast:
    both = (right[pairs[:, 0]] & right[pairs[:, 1]]).astype(np.float64)
    half = (right[pairs[:, 0]].astype(np.float64) + right[pairs[:, 1]]) / 2
    calls = called(rows.scores, threshold)
    same = calls[pairs[:, 0]] == calls[pairs[:, 1]]
    drawn = _drawn(both, half, rows.clusters[pairs[:, 0]], draws, seed)
    expected = float(half.mean()) ** 2
    enough = len(np.unique(rows.clusters[pairs[:, 0]])) >= CLUSTERS_AT_LEAST
    return Contrast(
        kind=kind,
        pairs=len(pairs),
        consistent=float(both.mean()),
        expected=expected,
        same=float(same.mean()),
        interval=interval_of(drawn[0]) if enough else None,
        above_expected=interval_of(drawn[0] - drawn[1]) if enough else None,
    )


def _drawn(
    both: NDArray[np.float64], half: NDArray[np.float64], clusters: NDArray[np.int64], draws: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Consistency and its expectation over draws of whole groups; a pair goes with the group of its first row."""
    numbers = numbered(clusters)
    sums = np.stack([np.bincount(numbers, weights=column) for column in (np.ones_like(both), both, half)])
    totals = np.concatenate([weights @ sums.T for weights in weights_of(clusters, draws=draws, seed=seed)])
    return totals[:, 1] / totals[:, 0], (totals[:, 2] / totals[:, 0]) ** 2
