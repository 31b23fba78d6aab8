"""
Whether a detector is as good, and as wrong, on texts that name some people as on others.

Groups come from annotations (who is attacked, or who is named) or from a list of terms; which of them is said, for they
mean different things: rows that annotators gave a target are hateful nearly all, so only a list of terms, or annotated
mentions, tells of false alarms. The swap test asks the detector again about the same texts with other people named.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hatetinyllm.evaluation.rows import Marks, Rows
from hatetinyllm.evaluation.terms import Group, Swap, mentions_of, swaps_of
from hatetinyllm.metrics.classification import Scores
from hatetinyllm.metrics.fairness import Fairness, fairness_of
from hatetinyllm.metrics.rate import wilson
from hatetinyllm.types import Interval

Score = Callable[[Sequence[str]], Scores]

NEEDED = 50  # rows of each label that name a group
SWAPPED_AT_MOST = 1000  # texts of the swap test
ANNOTATED = ("mentions", "target")


@dataclass(frozen=True, kw_only=True)
class GroupSwaps:
    """The swap test for the texts that name one group; `mean_rise` is what its own name adds to the score."""

    texts: int
    flipped: int
    mean_rise: float


@dataclass(frozen=True, kw_only=True)
class Swaps:
    """The swap test: of the texts that name a group, how many get another label once others are named in its place."""

    texts: int
    flipped: int  # texts for which any of the exchanges changed the label
    rate: float
    interval: Interval
    mean_gap: float  # of the score, over all exchanges
    by_group: Mapping[str, GroupSwaps]


@dataclass(frozen=True, kw_only=True)
class GroupFigures:
    """Figures per group, and where the groups come from."""

    source: str
    fairness: Fairness


def by_annotation(rows: Rows, *, threshold: float, needed: int = NEEDED) -> tuple[GroupFigures, ...]:
    """One set of figures for each annotation that is there: who is named, and who is attacked."""
    found = []
    for facet in ANNOTATED:
        groups = dict(rows.marks(facet))
        if groups:
            fairness = fairness_of(rows.truth, rows.scores, groups, threshold=threshold, needed=needed, clusters=rows.clusters)
            found.append(GroupFigures(source=f"annotated: {facet}", fairness=fairness))
    return tuple(found)


def by_terms(
    rows: Rows, texts: Sequence[str], groups: Sequence[Group], *, source: str, threshold: float, needed: int = NEEDED
) -> GroupFigures:
    """Figures for the groups of a list of terms; `texts` are those of the rows, and are not kept."""
    marks: dict[str, Marks] = mentions_of(texts, groups)
    fairness = fairness_of(rows.truth, rows.scores, marks, threshold=threshold, needed=needed, clusters=rows.clusters)
    return GroupFigures(source=source, fairness=fairness)


def swap_test(
    rows: Rows,
    texts: Sequence[str],
    groups: Sequence[Group],
    score: Score,
    *,
    threshold: float,
    most: int = SWAPPED_AT_MOST,
    seed: int = 42,
) -> Swaps | None:
    """Ask again with others named; None where no text names a group that can be exchanged."""
    swaps = swaps_of(texts, groups, most=most, seed=seed)
    if not swaps:
        return None
    again = np.asarray(score([swap.text for swap in swaps]), dtype=np.float64)
    kept = [(swap, float(other)) for swap, other in zip(swaps, again, strict=True) if not np.isnan(other)]
    return _counted(kept, rows.scores, threshold) if kept else None


def _counted(kept: Sequence[tuple[Swap, float]], scores: Scores, threshold: float) -> Swaps:
    flipped: dict[int, bool] = defaultdict(bool)
    group_of: dict[int, str] = {}
    rises: dict[str, list[float]] = defaultdict(list)
    for swap, other in kept:
        own = float(scores[swap.row])
        flipped[swap.row] |= (own >= threshold) != (other >= threshold)
        group_of[swap.row] = swap.group
        rises[swap.group].append(own - other)
    changed = sum(flipped.values())
    by_group = {
        group: GroupSwaps(
            texts=sum(own == group for own in group_of.values()),
            flipped=sum(flipped[row] for row, own in group_of.items() if own == group),
            mean_rise=float(np.mean(rises[group])),
        )
        for group in sorted(rises)
    }
    return Swaps(
        texts=len(flipped),
        flipped=changed,
        rate=changed / len(flipped),
        interval=wilson(changed, len(flipped)),
        mean_gap=float(np.mean(np.abs(np.concatenate([np.array(one) for one in rises.values()])))),
        by_group=by_group,
    )
