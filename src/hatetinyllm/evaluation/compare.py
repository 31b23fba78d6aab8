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
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import OF_BOTH, said_of
from hatetinyllm.evaluation.judgement import DRAWS, Judgement
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.classification import called
from hatetinyllm.metrics.paired import SEEDS_AT_MOST, McNemar, flips_of_groups, holm, mcnemar, permutation
from hatetinyllm.metrics.ranking import one_label
from hatetinyllm.metrics.resample import CLUSTERS_AT_LEAST, draws_of, numbered, of_difference, p_of_difference
from hatetinyllm.metrics.weighted import Values
from hatetinyllm.types import Interval

COMPARED = ("accuracy", "f1_positive", "macro_f1", "auroc")
LEVEL = 0.05  # of a corrected p that a reader looks for


@dataclass(frozen=True, kw_only=True)
class System:
    """What is compared: a name, and a judgement for each seed."""

    name: str
    judgements: tuple[Judgement, ...]


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
    _refuse(systems)
    shared, left_out = _shared_ids(systems)
    matched = {system.name: [_matched(one, shared) for one in system.judgements] for system in systems}
    head = systems[0].judgements[0].head
    assert head.positive is not None, head
    kin = _kin([seat.rows for seats in matched.values() for seat in seats])
    found = [
        _pair(one, other, matched[one.name], matched[other.name], clusters=kin.clusters, draws=draws, seed=seed)
        for one, other in combinations(systems, 2)
    ]
    pairs = _corrected(found)
    return Comparison(
        systems=tuple(system.name for system in systems),
        head=head.name,
        positive=head.positive,
        rows=len(shared),
        left_out=left_out,
        draws=draws,
        seed=seed,
        pairs=pairs,
        notes=(*_notes(systems), *kin.notes, *_floors(pairs, draws, systems)),
    )


def _refuse(systems: Sequence[System]) -> None:
    judgements = [one for system in systems for one in system.judgements]
    problems = [] if len(systems) > 1 else ["there must be two systems or more"]
    names = [system.name for system in systems]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [f"the name {name!r} stands {names.count(name)} times: NAME=FOLDER gives another" for name in twice]
    asked = {(one.head.name, one.head.positive): one.name for one in judgements}
    if len(asked) > 1:
        told = ", ".join(f"{name}: {head} ({positive})" for (head, positive), name in asked.items())
        problems.append(f"they answer different questions: {told}")
    problems += [f"{one.name} holds no rows" for one in judgements if one.rows is None]
    problems += _other_data(judgements)
    if problems:
        raise DataError("these judgements cannot be compared", problems)


def _other_data(judgements: Sequence[Judgement]) -> list[str]:
    """Rows of other data may have the same ids; another part or split of the same data is no reason."""
    first, problems = judgements[0], []
    for one in judgements[1:]:
        ours, theirs = first.judged, one.judged
        if ours.digest == theirs.digest:
            continue
        if ours.name != theirs.name:
            problems.append(f"{one.name} was judged on {theirs.name}, {first.name} on {ours.name}: equal ids mean nothing there")
        elif set(ours.files.values()) != set(theirs.files.values()):
            problems.append(
                f"{one.name} and {first.name} were judged on {ours.name} of other files: equal ids mean nothing there"
            )
    return list(dict.fromkeys(problems))


def _shared_ids(systems: Sequence[System]) -> tuple[list[str], int]:
    """The rows that all judged, in the order of the first; the same row must have the same truth for all."""
    tables = [one.rows for system in systems for one in system.judgements if one.rows is not None]
    truths = [dict(zip(rows.ids, rows.truth.tolist(), strict=True)) for rows in tables]
    shared = [id for id in tables[0].ids if all(id in truth for truth in truths)]
    if not shared:
        raise DataError("these judgements have no row in common", [f"the first has {len(tables[0]):,} rows, of other data"])
    if apart := [id for id in shared if len({truth[id] for truth in truths}) > 1]:
        told = f"{len(apart):,} of {len(shared):,} common rows have one label here and another there, the first {apart[0]!r}"
        raise DataError("these judgements are not of the same data", [told])
    return shared, len({id for truth in truths for id in truth}) - len(shared)


@dataclass(frozen=True, kw_only=True)
class _Matched:
    """One judgement's rows in the common order, and the threshold of its mode."""

    rows: Rows
    threshold: float


def _matched(judgement: Judgement, ids: Sequence[str]) -> _Matched:
    rows = judgement.rows
    assert rows is not None
    places = {id: row for row, id in enumerate(rows.ids)}
    order = np.array([places[id] for id in ids], dtype=np.int64)
    ordered = Rows(
        ids=tuple(ids), truth=rows.truth[order], scores=rows.scores[order], clusters=rows.clusters[order], facets={}, partners=()
    )
    return _Matched(rows=ordered, threshold=judgement.band.high)


@dataclass(frozen=True, kw_only=True)
class _Kin:
    """The group of kin of each common row, for all systems, and a note where judgements did not have the same ones."""

    clusters: NDArray[np.int64]
    notes: tuple[str, ...]


def _kin(tables: Sequence[Rows]) -> _Kin:
    """Groups that share a row in any two judgements are one; numbered by the ids, so that no order of rows matters."""
    count = len(tables[0])
    own = [numbered(rows.clusters) for rows in tables]
    sizes = [int(groups.max()) + 1 for groups in own]
    ends = np.concatenate([groups + count + sum(sizes[:place]) for place, groups in enumerate(own)])
    nodes = count + sum(sizes)
    links = coo_matrix((np.ones(len(ends)), (np.tile(np.arange(count), len(own)), ends)), shape=(nodes, nodes))
    joined = numbered(connected_components(links, directed=False)[1][:count])
    groups = int(joined.max()) + 1
    first = np.full(groups, count, dtype=np.int64)
    np.minimum.at(first, joined, np.argsort(np.argsort(np.array(tables[0].ids))))
    told = f"the judgements do not have the same groups of kin: rows that are kin in any are kin here, {groups:,} groups"
    return _Kin(clusters=first[joined], notes=(told,) if set(sizes) != {groups} else ())


def _pair(
    one: System,
    other: System,
    ours: Sequence[_Matched],
    theirs: Sequence[_Matched],
    *,
    clusters: NDArray[np.int64],
    draws: int,
    seed: int,
) -> Pair:
    drawn = [[_draws(seat, clusters, draws, seed) for seat in seats] for seats in (ours, theirs)]
    few = len(np.unique(clusters)) < CLUSTERS_AT_LEAST
    single = len(ours) == len(theirs) == 1
    only = _disagreements(ours[0], theirs[0]) if single else ((), ())
    return Pair(
        one=one.name,
        other=other.name,
        differences=tuple(_difference(metric, one, ours, theirs, drawn, few=few, seed=seed) for metric in COMPARED),
        mcnemar=_tested(ours[0], theirs[0], clusters, seed) if single else None,
        adjusted=None,
        only_one=only[0],
        only_other=only[1],
    )


def _tested(one: _Matched, other: _Matched, clusters: NDArray[np.int64], seed: int) -> McNemar:
    """McNemar's test where each row is its own group; kin are no witnesses of their own."""
    first, second = (_right(seat) for seat in (one, other))
    plain = mcnemar(int(np.count_nonzero(first & ~second)), int(np.count_nonzero(second & ~first)))
    if len(np.unique(clusters)) == len(clusters):
        return plain
    p = flips_of_groups(first.astype(np.float64) - second, clusters, seed=seed)
    return replace(plain, p=p, how="sign flips of groups of kin")


def _draws(seat: _Matched, clusters: NDArray[np.int64], draws: int, seed: int) -> dict[str, Values]:
    rows = seat.rows
    return draws_of(rows.truth, rows.scores, clusters, COMPARED, threshold=seat.threshold, draws=draws, seed=seed)


def _difference(
    metric: str,
    one: System,
    ours: Sequence[_Matched],
    theirs: Sequence[_Matched],
    drawn: Sequence[Sequence[Mapping[str, Values]]],
    *,
    few: bool,
    seed: int,
) -> Difference:
    values = [np.array([_value(metric, seat) for seat in seats]) for seats in (ours, theirs)]
    means = [np.mean([own[metric] for own in of_system], axis=0) for of_system in drawn]
    positive, negative = one.judgements[0].result.positive, next(iter(one.judgements[0].result.confusion))
    ends = [_known(float(own.mean())) for own in values]
    known = ends[0] is not None and ends[1] is not None
    judged = known and not few
    return Difference(
        metric=said_of(metric, positive, negative),
        one=ends[0],
        other=ends[1],
        difference=float(values[0].mean() - values[1].mean()) if known else None,
        interval=of_difference(means[0], means[1]) if judged else None,
        p=p_of_difference(means[0], means[1]) if judged else None,
        adjusted=None,
        of_seeds=_of_seeds(values[0], values[1], seed) if known else None,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _value(metric: str, seat: _Matched) -> float:
    rows = seat.rows
    if metric in OF_BOTH and one_label(rows.truth):
        return math.nan
    return float(METRICS.get(metric)(rows.truth, rows.scores, threshold=seat.threshold))


def _of_seeds(ours: Values, theirs: Values, seed: int) -> float | None:
    """Seeds are paired in the order they are named in."""
    if len(ours) != len(theirs) or len(ours) < 2:
        return None
    return permutation((ours - theirs).tolist(), seed=seed)


def _right(seat: _Matched) -> NDArray[np.bool_]:
    return np.asarray(called(seat.rows.scores, seat.threshold) == seat.rows.truth)


def _disagreements(one: _Matched, other: _Matched) -> tuple[tuple[str, ...], tuple[str, ...]]:
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


def _floors(pairs: Sequence[Pair], draws: int, systems: Sequence[System]) -> Iterator[str]:
    """What no result could get below: p of so many draws once corrected, and p of so few seeds."""
    tests = [one for pair in pairs for one in pair.differences if one.p is not None]
    least = min(1.0, len(tests) * 2 / (1 + draws))
    if least > LEVEL:
        yield f"{draws:,} draws cannot give {len(tests)} differences a corrected p below {least:.3f}: take more --draws"
    if any(one.of_seeds is not None for pair in pairs for one in pair.differences):
        for count in sorted({len(system.judgements) for system in systems} & set(range(2, SEEDS_AT_MOST + 1))):
            yield f"{count} seeds cannot give a p of seeds below {2 / 2**count:.3g}"
