"""
How far a figure would wander on other rows of the same kind, where rows have kin: the clustered percentile bootstrap.

A draw takes as many clusters as there are, whole and with replacement; a row then weighs as often as its cluster was drawn,
so the number of rows varies a little where clusters differ in size. Which clusters are drawn depends on the seed and on the
clusters alone: two systems on the same rows are drawn in pairs, and the order of the rows changes nothing. Weights are made
in blocks, so that memory grows with the rows and not with the draws. It says nothing of other seeds of training.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.metrics.interval import DRAWS, LEVEL
from hatetinyllm.metrics.weighted import Sample, Values, Weights, judges_of
from hatetinyllm.types import Interval

SEED = 42
CELLS = 250_000  # of a block of weights: two megabytes, which stay in the processor's cache
CLUSTERS_AT_LEAST = 10  # fewer groups, drawn again and again, say little of others: there is no interval
UNDEFINED_AT_MOST = 0.1  # of the draws; above it there is no interval


def draws_of(
    truth: Truth,
    scores: Scores,
    clusters: NDArray[np.int64],
    names: Iterable[str],
    *,
    threshold: float = 0.5,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, Values]:
    """Each metric's value in every draw, not a number where a draw has one label only and the metric needs both."""
    names = list(dict.fromkeys(names))
    for name in names:
        METRICS.place(name)  # an unknown one is told before the work
    _check(truth, scores, clusters)
    sample = Sample(
        truth=np.asarray(truth, dtype=np.int64),
        scores=np.asarray(scores, dtype=np.float64),
        clusters=numbered(clusters),
        threshold=threshold,
    )
    judges = judges_of(sample, names)
    found: dict[str, list[Values]] = {name: [] for name in names}
    for weights in weights_of(clusters, draws=draws, seed=seed):
        for judge in judges:
            for name, values in judge(weights).items():
                found[name].append(values)
    return {name: np.concatenate(blocks) for name, blocks in found.items()}


def intervals(
    truth: Truth,
    scores: Scores,
    clusters: NDArray[np.int64],
    names: Iterable[str],
    *,
    threshold: float = 0.5,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = LEVEL,
) -> dict[str, Interval | None]:
    """The interval of each metric; None of fewer than ten clusters, or where more than one draw in ten leaves it undefined."""
    names = list(names)
    if len(np.unique(clusters)) < CLUSTERS_AT_LEAST:
        return dict.fromkeys(names)
    drawn = draws_of(truth, scores, clusters, names, threshold=threshold, draws=draws, seed=seed)
    return {name: interval_of(values, level=level) for name, values in drawn.items()}


def interval_of(values: Values, *, level: float = LEVEL) -> Interval | None:
    """The middle of the draws; None where more than one in ten is undefined."""
    defined = values[~np.isnan(values)]
    if not len(defined) or len(defined) < (1 - UNDEFINED_AT_MOST) * len(values):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(low=float(low), high=float(high))


def of_difference(one: Values, other: Values, *, level: float = LEVEL) -> Interval | None:
    """The interval of one system's figure less the other's, from draws of the same clusters by the same seed."""
    return interval_of(one - other, level=level)


def p_of_difference(one: Values, other: Values) -> float | None:
    """
    How rarely draws would put the difference at nothing or on the other side, both sides counted.

    The draws themselves count as one more, so it is never 0. None where there is no interval either.
    """
    if interval_of(one - other) is None:
        return None
    apart = (one - other)[~np.isnan(one - other)]
    rarer = min(np.count_nonzero(apart <= 0), np.count_nonzero(apart >= 0))
    return min(1.0, 2 * (1 + int(rarer)) / (1 + len(apart)))


def weights_of(clusters: NDArray[np.int64], *, draws: int = DRAWS, seed: int = SEED) -> Iterator[Weights]:
    """Blocks of (draws, clusters): how often each cluster was drawn, clusters in the order of their numbers."""
    if draws < 1:
        raise DataError(f"{draws} draws were asked for: at least one is needed")
    count, generator = len(np.unique(clusters)), np.random.default_rng(seed)
    at_once = max(1, CELLS // len(clusters))
    for first in range(0, draws, at_once):
        here = min(at_once, draws - first)
        drawn = generator.integers(0, count, size=(here, count)) + count * np.arange(here)[:, None]
        yield np.bincount(drawn.ravel(), minlength=here * count).reshape(here, count).astype(np.float64)


def numbered(clusters: NDArray[np.int64]) -> NDArray[np.int64]:
    """The clusters numbered from 0 in the order of their numbers, for every row."""
    _, places = np.unique(clusters, return_inverse=True)
    return places.astype(np.int64)


def _check(truth: Truth, scores: Scores, clusters: NDArray[np.int64]) -> None:
    lengths = [len(truth), len(scores), len(clusters)]
    if len(set(lengths)) > 1 or not lengths[0]:
        raise DataError(f"an interval needs a truth, a score and a cluster for every row, got {lengths}")
    if np.isnan(scores).any():
        raise DataError(f"{int(np.isnan(scores).sum()):,} rows have no score: leave them out before an interval is drawn")
