"""
The same figures for parts of the rows: per round, per type, per target, per length, original against perturbed.

A part of few rows is named with its count and nothing else: a figure of ten rows misleads more than it tells. Where a part
holds one label only (a type or target stands on hateful rows alone), what needs both is left open, not made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hatetinyllm.evaluation.drawn import judge_rows
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.types import Head, Result

NEEDED = 20  # rows of a part that is judged


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One part of the rows by a word of a facet; the result is None where it has too few rows."""

    facet: str
    word: str
    rows: int
    result: Result | None


def slices_of(rows: Rows, head: Head, *, threshold: float, draws: int, seed: int, needed: int = NEEDED) -> tuple[Slice, ...]:
    """Every facet that tells rows apart, word by word."""
    found = []
    for facet in rows.facets:
        for word, marks in rows.marks(facet):
            part = rows.only(marks)
            result = None
            if len(part) >= needed:
                result = judge_rows(part, head, name=f"{facet} {word}", threshold=threshold, draws=draws, seed=seed)
            found.append(Slice(facet=facet, word=word, rows=len(part), result=result))
    return tuple(found)


def by_facet(slices: tuple[Slice, ...]) -> Mapping[str, tuple[Slice, ...]]:
    """The slices under the names of their facets, in their order."""
    return {facet: tuple(one for one in slices if one.facet == facet) for facet in dict.fromkeys(one.facet for one in slices)}
