"""What stands in two parts at once: equal texts, near ones, recorded partners and groups; and equal texts labelled otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.evaluation.neighbours import Pairs
from hatetinyllm.evaluation.parts import EMPTY, UNKNOWN, Part

Marks = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Rows of the later part by what they have in the earlier one; `opposite`: at least one such has the other label."""

    earlier: str
    later: str
    rows: int
    exact: int
    exact_opposite: int
    near: int
    near_opposite: int
    partners: int
    partners_known: int  # both labels are known
    partners_opposite: int
    groups: int
    kin: int


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Texts that stand in one part with both labels, and the rows that hold them."""

    part: str
    texts: int
    rows: int


def cross(earlier: Part, later: Part, near: Pairs, kin_of: Mapping[str, int]) -> Crossing:
    """What the later part has in the earlier; `near` asks about rows of the later, and equal texts need not be among them."""
    partners, known, opposite = _partners(earlier, later)
    held = {group for group in earlier.groups if group is not None}
    kin_there = {kin_of[name] for name in earlier.ids}
    equal, equal_otherwise = _equal(earlier, later), _equal_otherwise(earlier, later)
    return Crossing(
        earlier=earlier.name,
        later=later.name,
        rows=len(later),
        exact=int(equal.sum()),
        exact_opposite=int(equal_otherwise.sum()),
        near=int(_with(equal, near.queries).sum()),
        near_opposite=int(_with(equal_otherwise, near.queries[_opposite_ends(earlier, later, near)]).sum()),
        partners=partners,
        partners_known=known,
        partners_opposite=opposite,
        groups=sum(group in held for group in later.groups),
        kin=sum(kin_of[name] in kin_there for name in later.ids),
    )


def conflicts(parts: Sequence[Part]) -> tuple[Conflict, ...]:
    """The texts of each part that have both labels there."""
    found = []
    for part in parts:
        both = np.intersect1d(*(part.forms[(part.labels == label) & (part.forms != EMPTY)] for label in (0, 1)))
        rows = int((np.isin(part.forms, both) & (part.labels != UNKNOWN)).sum())
        found.append(Conflict(part=part.name, texts=len(both), rows=rows))
    return tuple(found)


def _equal(earlier: Part, later: Part) -> Marks:
    """Rows of the later part whose text stands in the earlier."""
    equal: Marks = np.isin(later.forms, earlier.forms) & (later.forms != EMPTY)
    return equal


def _equal_otherwise(earlier: Part, later: Part) -> Marks:
    """Rows of the later part whose text stands in the earlier with the other label."""
    otherwise: Marks = np.zeros(len(later), dtype=np.bool_)
    for label in (0, 1):
        there = np.isin(later.forms, earlier.forms[earlier.labels == 1 - label])
        otherwise |= (later.labels == label) & there & (later.forms != EMPTY)
    return otherwise


def _with(marks: Marks, rows: NDArray[np.int64]) -> Marks:
    """The marks, and these rows too."""
    marked = marks.copy()
    marked[rows] = True
    return marked


def _opposite_ends(earlier: Part, later: Part, near: Pairs) -> Marks:
    """The pairs whose ends have opposite labels."""
    one, other = later.labels[near.queries], earlier.labels[near.rows]
    opposite: Marks = (one != UNKNOWN) & (other != UNKNOWN) & (one != other)
    return opposite


def _partners(earlier: Part, later: Part) -> tuple[int, int, int]:
    """Rows of the later part with a partner in the earlier, with one whose label is known, with one of the other label."""
    if not earlier.partners and not later.partners:
        return 0, 0, 0
    earlier_labels, later_labels = _label_by_id(earlier), _label_by_id(later)
    links = {(name, other) for name, others in later.partners.items() for other in others if other in earlier_labels}
    links |= {(other, name) for name, others in earlier.partners.items() for other in others if other in later_labels}
    known = {link for link in links if UNKNOWN not in (later_labels[link[0]], earlier_labels[link[1]])}
    opposite = {link for link in known if later_labels[link[0]] != earlier_labels[link[1]]}
    rows, rows_known, rows_opposite = ({name for name, _ in found} for found in (links, known, opposite))
    return len(rows), len(rows_known), len(rows_opposite)


def _label_by_id(part: Part) -> dict[str, Any]:
    return dict(zip(part.ids, part.labels.tolist(), strict=True))
