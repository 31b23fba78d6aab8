"""
The registered metrics of weighted rows, for many weightings at once.

A row weighs what its cluster weighs. With whole numbers as weights each form gives what the metric gives of rows repeated
so often, ties included. One exception: the bins of `ece_pos_adaptive` stay those of the unweighted rows, since bins that
move with every draw would measure something else each time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.calibration import BINS, bin_of, losses
from hatetinyllm.metrics.classification import Scores, Truth, called
from hatetinyllm.metrics.interval import OF_COUNTS, of_counts
from hatetinyllm.metrics.ranking import OF_LEVELS, Running, ends_of
from hatetinyllm.metrics.selective import aurc_of, distance_of

Weights = NDArray[np.float64]  # (draws, clusters)
Values = NDArray[np.float64]  # (draws,)
Judge = Callable[[Weights], Mapping[str, Values]]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The rows that are weighted; clusters are numbered from 0, without a gap."""

    truth: Truth
    scores: Scores
    clusters: NDArray[np.int64]
    threshold: float

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return int(self.clusters.max()) + 1


def judges_of(sample: Sample, names: Iterable[str]) -> tuple[Judge, ...]:
    """What turns weights into values of these metrics: one sort, one table of sums for all that share it."""
    asked = list(dict.fromkeys(names))
    judges = []
    for known, judge_of in FAMILIES:
        if here := [name for name in asked if name in known]:
            judges.append(judge_of(sample, here))
            asked = [name for name in asked if name not in known]
    return (*judges, *(_by_repeating(sample, name) for name in asked))


def _by_counts(sample: Sample, names: list[str]) -> Judge:
    cells = 2 * sample.truth + called(sample.scores, sample.threshold)  # tn, fp, fn, tp
    table = _sums(sample, cells, 4, np.ones(len(cells)))

    def judge(weights: Weights) -> dict[str, Values]:
        counts = weights @ table
        return {name: of_counts(counts, name) for name in names}

    return judge


def _by_sums(sample: Sample, names: list[str]) -> Judge:
    nothing = np.zeros(len(sample.truth), dtype=np.int64)
    sizes = _sums(sample, nothing, 1, np.ones(len(nothing)))
    gap = sample.scores - sample.truth
    tables = {
        "brier": lambda: _sums(sample, nothing, 1, gap**2),
        "nll": lambda: _sums(sample, nothing, 1, losses(sample.truth, sample.scores)),
        "ece_pos": lambda: _sums(sample, bin_of(sample.scores), BINS, gap),
        "ece_pos_adaptive": lambda: _sums(sample, bin_of(sample.scores, equal_mass=True), BINS, gap),
    }
    made = {name: tables[name]() for name in names}

    def judge(weights: Weights) -> dict[str, Values]:
        rows = (weights @ sizes)[:, 0]
        return {name: np.abs(weights @ table).sum(axis=1) / rows for name, table in made.items()}

    return judge


def _by_level(sample: Sample, names: list[str]) -> Judge:
    order = np.argsort(-sample.scores, kind="stable")
    ends = ends_of(sample.scores[order])
    true = _runner(sample, order, ends, sample.truth[order] == 1)
    false = _runner(sample, order, ends, sample.truth[order] == 0)

    def judge(weights: Weights) -> dict[str, Values]:
        hits, alarms = true(weights), false(weights)
        both = (hits[:, -1] > 0) & (alarms[:, -1] > 0)
        found = {name: np.full(len(weights), np.nan) for name in names}
        if both.any():
            for name in names:
                found[name][both] = OF_LEVELS[name](hits[both], alarms[both])
        return found

    return judge


def _by_distance(sample: Sample, names: list[str]) -> Judge:
    distances = distance_of(sample.scores, sample.threshold)
    order = np.argsort(-distances, kind="stable")
    ends = ends_of(distances[order])
    wrong = called(sample.scores, sample.threshold)[order] != sample.truth[order]
    decided, errors = _runner(sample, order, ends, np.ones_like(wrong)), _runner(sample, order, ends, wrong)

    def judge(weights: Weights) -> dict[str, Values]:
        return {name: aurc_of(decided(weights), errors(weights)) for name in names}

    return judge


def _by_repeating(sample: Sample, name: str) -> Judge:
    """For a metric whose weighted form is not known: the rows are repeated, and it is called for every draw."""
    metric = METRICS.get(name)

    def judge(weights: Weights) -> dict[str, Values]:
        times = weights.astype(np.int64)[:, sample.clusters]
        drawn = [(np.repeat(sample.truth, often), np.repeat(sample.scores, often)) for often in times]
        return {name: np.array([metric(truth, scores, threshold=sample.threshold) for truth, scores in drawn])}

    return judge


def _sums(sample: Sample, columns: NDArray[np.int64], width: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(clusters, width): what the rows of each cluster add up to in their columns."""
    added = np.bincount(sample.clusters * width + columns, weights=values, minlength=sample.count * width)
    return added.reshape(sample.count, width).astype(np.float64, copy=False)


def _runner(
    sample: Sample, order: NDArray[np.intp], ends: NDArray[np.int64], marks: NDArray[np.bool_]
) -> Callable[[Weights], Running]:
    """Gives the weight of the marked rows up to the end of each level, nothing first."""
    places = sample.clusters[order[marks]]
    up_to = np.concatenate([[0], np.cumsum(marks)])[ends]

    def running(weights: Weights) -> Running:
        summed = np.zeros((len(weights), len(places) + 1))
        np.cumsum(np.take(weights, places, axis=1), axis=1, out=summed[:, 1:])
        return np.take(summed, up_to, axis=1)

    return running


FAMILIES: tuple[tuple[frozenset[str], Callable[[Sample, list[str]], Judge]], ...] = (
    (frozenset(OF_COUNTS), _by_counts),
    (frozenset({"brier", "nll", "ece_pos", "ece_pos_adaptive"}), _by_sums),
    (frozenset(OF_LEVELS), _by_level),
    (frozenset({"aurc"}), _by_distance),
)
