"""
Judgements of the same rows, row by row: matched by their ids, with one set of groups of kin for all of them.

Rows that any judgement calls kin are kin. What cannot be matched is refused with all that keeps it apart: another question,
other data under the same ids, another truth of the same row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics.resample import numbered


@dataclass(frozen=True, kw_only=True)
class System:
    """What is compared: a name, and a judgement for each seed."""

    name: str
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One judgement's rows in the common order, and the threshold of its mode."""

    rows: Rows
    threshold: float


@dataclass(frozen=True, kw_only=True)
class Matched:
    """The seats of each system, in the order of the systems, and the group of kin of each common row."""

    seats: tuple[tuple[Seat, ...], ...]
    clusters: NDArray[np.int64]
    left_out: int  # rows that some system did not judge
    same_kin: bool  # whether all judgements had the same groups


def match(systems: Sequence[System]) -> Matched:
    """The rows that all systems judged; systems that cannot be compared are refused."""
    _refuse(systems)
    shared, left_out = _shared_ids(systems)
    seats = tuple(tuple(_seat(one, shared) for one in system.judgements) for system in systems)
    tables = [seat.rows for own in seats for seat in own]
    clusters = _joined_kin(tables)
    same = all(len(np.unique(rows.clusters)) == len(np.unique(clusters)) for rows in tables)
    return Matched(seats=seats, clusters=clusters, left_out=left_out, same_kin=same)


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


def _seat(judgement: Judgement, ids: Sequence[str]) -> Seat:
    rows = judgement.rows
    assert rows is not None
    places = {id: row for row, id in enumerate(rows.ids)}
    order = np.array([places[id] for id in ids], dtype=np.int64)
    ordered = Rows(
        ids=tuple(ids), truth=rows.truth[order], scores=rows.scores[order], clusters=rows.clusters[order], facets={}, partners=()
    )
    return Seat(rows=ordered, threshold=judgement.band.high)


def _joined_kin(tables: Sequence[Rows]) -> NDArray[np.int64]:
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
    return np.asarray(first[joined])
