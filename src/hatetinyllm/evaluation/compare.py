"""
Two detectors or more on the same rows: is the difference larger than chance, and on which rows do they disagree?

A system is one judgement, or several of different seeds. Rows are matched by their ids, and whole groups of kin are drawn,
the same ones for all systems: rows that any judgement calls kin are kin. McNemar's test asks about the labels of two single
judgements, and where rows have kin whole groups change sides; where systems have seeds, the signs of the seeds' differences
are exchanged as well, since rows alone cannot tell luck of training from skill. All tests of one kind in a comparison are
corrected together (Holm).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.evaluation.evaluate import OF_BOTH, said_of
from hatetinyllm.evaluation.judgement import DRAWS
from hatetinyllm.evaluation.matched import Matched, Seat, System, match
from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.classification import called
from hatetinyllm.metrics.paired import SEEDS_AT_MOST, McNemar, flips_of_groups, holm, mcnemar, permutation
from hatetinyllm.metrics.ranking import one_label
from hatetinyllm.metrics.resample import CLUSTERS_AT_LEAST, draws_of, of_difference, p_of_difference
from hatetinyllm.metrics.weighted import Values
from hatetinyllm.types import Interval

COMPARED = ("accuracy", "f1_positive", "macro_f1", "auroc")
LEVEL = 0.05  # of a corrected p that a reader looks for


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One figure of two systems; `p` is the bootstrap's, two-sided, and `adjusted` is corrected for all differences."""

    metric: str
    one: float | None  # None where the rows have one label and the figure needs both
    other: float | None
    difference: float | None  # one less other
    interval: Interval | None
    p: float | None  # None where there is no interval either: few groups of kin, or many draws that leave it undefined
    adjusted: float | None
    of_seeds: float | None  # p of the seeds' signs; None with fewer than two seeds, or seeds that do not match


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two systems side by side; the ids of rows that only one of them has right, for people to read."""

    one: str
    other: str
    differences: tuple[Difference, ...]
    mcnemar: McNemar | None  # None where a system has several seeds
    adjusted: float | None  # its p, corrected for all pairs
    only_one: tuple[str, ...]
    only_other: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All pairs of systems on the rows that all of them judged."""

    systems: tuple[str, ...]
    head: str
    positive: str
    rows: int
    left_out: int  # rows that some system did not judge
    draws: int
    seed: int
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()


def compare(systems: Sequence[System], *, draws: int = DRAWS, seed: int = 42) -> Comparison:
    """Every pair of systems; systems that cannot be compared are refused with all that keeps them apart."""
    matched = match(systems)
    head = systems[0].judgements[0].head
    assert head.positive is not None, head
    sides = [_side(system, seats, matched.clusters, draws, seed) for system, seats in zip(systems, matched.seats, strict=True)]
    pairs = _corrected([_pair(one, other, matched.clusters, seed) for one, other in combinations(sides, 2)])
    return Comparison(
        systems=tuple(system.name for system in systems),
        head=head.name,
        positive=head.positive,
        rows=len(matched.clusters),
        left_out=matched.left_out,
        draws=draws,
        seed=seed,
        pairs=pairs,
        notes=(*_notes(systems), *_of_kin(matched), *_floors(pairs, draws, systems)),
    )


@dataclass(frozen=True, kw_only=True)
class _Side:
    """A system's seats, and each figure's value for every seed and, averaged over them, for every draw."""

    system: System
    seats: tuple[Seat, ...]
    values: Mapping[str, Values]
    drawn: Mapping[str, Values]


def _side(system: System, seats: tuple[Seat, ...], clusters: NDArray[np.int64], draws: int, seed: int) -> _Side:
    found = [
        draws_of(seat.rows.truth, seat.rows.scores, clusters, COMPARED, threshold=seat.threshold, draws=draws, seed=seed)
        for seat in seats
    ]
    return _Side(
        system=system,
        seats=seats,
        values={metric: np.array([_value(metric, seat) for seat in seats]) for metric in COMPARED},
        drawn={metric: np.mean([own[metric] for own in found], axis=0) for metric in COMPARED},
    )


def _pair(one: _Side, other: _Side, clusters: NDArray[np.int64], seed: int) -> Pair:
    few = len(np.unique(clusters)) < CLUSTERS_AT_LEAST
    single = len(one.seats) == len(other.seats) == 1
    only = _disagreements(one.seats[0], other.seats[0]) if single else ((), ())
    return Pair(
        one=one.system.name,
        other=other.system.name,
        differences=tuple(_difference(metric, one, other, few=few, seed=seed) for metric in COMPARED),
        mcnemar=_tested(one.seats[0], other.seats[0], clusters, seed) if single else None,
        adjusted=None,
        only_one=only[0],
        only_other=only[1],
    )


def _tested(one: Seat, other: Seat, clusters: NDArray[np.int64], seed: int) -> McNemar:
    """McNemar's test where each row is its own group; where rows have kin, whole groups change sides."""
    first, second = (_right(seat) for seat in (one, other))
    plain = mcnemar(int(np.count_nonzero(first & ~second)), int(np.count_nonzero(second & ~first)))
    if len(np.unique(clusters)) == len(clusters):
        return plain
    p = flips_of_groups(first.astype(np.float64) - second, clusters, seed=seed)
    return replace(plain, p=p, how="sign flips of groups of kin")


def _difference(metric: str, one: _Side, other: _Side, *, few: bool, seed: int) -> Difference:
    ours, theirs = one.values[metric], other.values[metric]
    ends = [_known(float(own.mean())) for own in (ours, theirs)]
    known = None not in ends
    drawn = (one.drawn[metric], other.drawn[metric])
    result = one.system.judgements[0].result
    return Difference(
        metric=said_of(metric, result.positive, next(iter(result.confusion))),
        one=ends[0],
        other=ends[1],
        difference=float(ours.mean() - theirs.mean()) if known else None,
        interval=of_difference(*drawn) if known and not few else None,
        p=p_of_difference(*drawn) if known and not few else None,
        adjusted=None,
        of_seeds=_of_seeds(ours, theirs, seed) if known else None,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _value(metric: str, seat: Seat) -> float:
    rows = seat.rows
    if metric in OF_BOTH and one_label(rows.truth):
        return math.nan
    return float(METRICS.get(metric)(rows.truth, rows.scores, threshold=seat.threshold))


def _of_seeds(ours: Values, theirs: Values, seed: int) -> float | None:
    """Seeds are paired in the order they are named in."""
    if len(ours) != len(theirs) or len(ours) < 2:
        return None
    return permutation((ours - theirs).tolist(), seed=seed)


def _right(seat: Seat) -> NDArray[np.bool_]:
    return np.asarray(called(seat.rows.scores, seat.threshold) == seat.rows.truth)


def _disagreements(one: Seat, other: Seat) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids that only the first has right, and that only the second has."""
    first, second = _right(one), _right(other)
    ids = one.rows.ids
    only_first, only_second = (np.flatnonzero(marks).tolist() for marks in (first & ~second, second & ~first))
    return tuple(ids[row] for row in only_first), tuple(ids[row] for row in only_second)


def _corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The same pairs with Holm's correction: over all differences of figures, and over all of McNemar's tests."""
    figures = holm({f"{n} {one.metric}": one.p for n, pair in enumerate(pairs) for one in pair.differences if one.p is not None})
    tests = holm({str(n): pair.mcnemar.p for n, pair in enumerate(pairs) if pair.mcnemar is not None})
    return tuple(
        replace(
            pair,
            adjusted=tests.get(str(n)),
            differences=tuple(replace(one, adjusted=figures.get(f"{n} {one.metric}")) for one in pair.differences),
        )
        for n, pair in enumerate(pairs)
    )


def _notes(systems: Sequence[System]) -> Iterator[str]:
    """What a reader must know: other data under the same ids, and modes that differ."""
    judgements = [one for system in systems for one in system.judgements]
    if len({one.judged.digest for one in judgements}) > 1:
        yield "the judgements are not of the same part of the same data: only rows of the same id are compared"
    if len({one.mode for one in judgements}) > 1:
        yield f"each answers in its own mode: {', '.join(f'{one.name} {one.mode}' for one in judgements)}"
    for system in systems:
        if len({one.identity for one in system.judgements}) < len(system.judgements):
            yield f"{system.name} names the same bundle twice: its seeds are not independent"


def _of_kin(matched: Matched) -> Iterator[str]:
    if not matched.same_kin:
        groups = len(np.unique(matched.clusters))
        yield f"the judgements do not have the same groups of kin: rows that are kin in any are kin here, {groups:,} groups"


def _floors(pairs: Sequence[Pair], draws: int, systems: Sequence[System]) -> Iterator[str]:
    """What no result could get below: p of so many draws once corrected, and p of so few seeds."""
    tests = [one for pair in pairs for one in pair.differences if one.p is not None]
    least = min(1.0, len(tests) * 2 / (1 + draws))
    if least > LEVEL:
        yield f"{draws:,} draws cannot give {len(tests)} differences a corrected p below {least:.3f}: take more --draws"
    if any(one.of_seeds is not None for pair in pairs for one in pair.differences):
        for count in sorted({len(system.judgements) for system in systems} & set(range(2, SEEDS_AT_MOST + 1))):
            yield f"{count} seeds cannot give a p of seeds below {2 / 2**count:.3g}"
