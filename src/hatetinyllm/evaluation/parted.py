"""
Kin that stand in different parts, and the split that is left once they are taken out.

Up to a stated number of rows kin are what every split of ours keeps together. Above it the search for kin within a part would
take hours, and only kin that cross parts are looked for: if any kin are parted, a pair of them stands across parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hatetinyllm.data.from_file import LEFT_OUT
from hatetinyllm.data.kin import find_kin
from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.neighbours import Pairs
from hatetinyllm.evaluation.parts import EMPTY, Part
from hatetinyllm.types import PARTS, Example, Splits

KIN_ROWS = 50_000  # above it, kin that are recorded nowhere are looked for across parts alone


@dataclass(frozen=True, kw_only=True)
class Across:
    """Pairs of near rows of two parts: `near` asks about rows of the later."""

    earlier: Part
    later: Part
    near: Pairs


@dataclass(frozen=True, kw_only=True)
class Families:
    """The number of the kin each row belongs to, by id, and what made rows kin."""

    of: Mapping[str, int]
    how: str
    complete: bool  # kin within a part were looked for too


def families(whole: Splits, across: Sequence[Across], *, floor: float, kin_rows: int = KIN_ROWS) -> Families:
    """
    The kin among all rows of a dataset, those a split left out too: how rare an n-gram is, and so what is near, depends on them.

    Equal texts are kin even where all groups are recorded; near pairs from the floor on, where kin are looked for across parts
    alone.
    """
    rows = sorted(whole.rows(), key=lambda example: example.id)
    searched = len(rows) <= kin_rows or all(example.group is not None for example in rows)
    kin = find_kin(rows, near_duplicates="auto" if searched else "never")
    names = {example.id: place for place, example in enumerate(rows)}
    links = list(_equal_texts(across, names))
    if not searched:
        links += [link for pair in across for link in _near_rows(pair, floor, names)]
    told = "texts equal or near across parts"
    across_parts = f"{kin.how} and {told}" if kin.how.startswith("kin by") else f"kin by {told}"
    return Families(of=_joined(rows, kin.groups, links), how=kin.how if searched else across_parts, complete=searched)


def leak_free(splits: Splits, kin: Families) -> dict[str, str]:
    """The part of each row by id, once kin of test leave dev, and kin of test or dev leave train."""
    held: set[int] = set()
    place: dict[str, str] = {}
    for part in reversed(PARTS):
        stays = [example for example in splits.part(part) if kin.of[example.id] not in held]
        place |= dict.fromkeys((example.id for example in splits.part(part)), LEFT_OUT)
        place |= dict.fromkeys((example.id for example in stays), part)
        held |= {kin.of[example.id] for example in stays}
    if emptied := [part for part in PARTS if splits.part(part) and part not in place.values()]:
        problems = [f"{part}: all {len(splits.part(part)):,} rows are kin of a later part" for part in emptied]
        raise DataError(
            f"{splits.name}: too little is left without leaks", [*problems, "the split `grouped` parts all rows anew"]
        )
    return place


def _equal_texts(across: Iterable[Across], names: Mapping[str, int]) -> Iterable[tuple[int, int]]:
    """A row of each part for every text that stands in both, and the other rows of it."""
    first: dict[int, int] = {}
    shared = [np.intersect1d(pair.earlier.forms, pair.later.forms) for pair in across]
    wanted = np.setdiff1d(np.concatenate([np.zeros(0, dtype=np.uint64), *shared]), [EMPTY])
    for part in {part.name: part for pair in across for part in (pair.earlier, pair.later)}.values():
        for place in np.flatnonzero(np.isin(part.forms, wanted)).tolist():
            row = names[part.ids[place]]
            yield first.setdefault(int(part.forms[place]), row), row


def _near_rows(pair: Across, floor: float, names: Mapping[str, int]) -> Iterable[tuple[int, int]]:
    near = pair.near.only(pair.near.cosine >= floor)
    for later, earlier in zip(near.queries.tolist(), near.rows.tolist(), strict=True):
        yield names[pair.later.ids[later]], names[pair.earlier.ids[earlier]]


def _joined(rows: Sequence[Example], groups: Sequence[int], links: Sequence[tuple[int, int]]) -> dict[str, int]:
    """Groups by id, joined where a link leads from one to another."""
    numbers = np.array(groups, dtype=np.int64)
    ends = numbers[np.array(links, dtype=np.int64).reshape(-1, 2)]
    size = int(numbers.max(initial=-1)) + 1
    _, joined = connected_components(coo_matrix((np.ones(len(ends)), ends.T), shape=(size, size)), directed=False)
    return {example.id: int(joined[group]) for example, group in zip(rows, groups, strict=True)}
