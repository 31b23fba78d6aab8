"""
A functional suite: short texts of which everybody knows what they are, sorted by what they test.

A case is an Example with an id, an expected label and a function (`slice`); it may say whom it names (`mentions`) and which
case it is contrasted with (`partners`). A suite is a test and nothing else: nothing learns from it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from hatetinyllm.types import Example

LABELS = ("hate", "not_hate")
DIGEST_CHARACTERS = 12


@dataclass(frozen=True, kw_only=True)
class Function:
    """What some cases test together, in words, and the share of them that must pass, if somebody said so."""

    name: str
    description: str = ""
    bar: float | None = None

    def __post_init__(self) -> None:
        if self.bar is not None and not 0 <= self.bar <= 1:
            raise ValueError(f"a bar lies from 0 to 1, got {self.bar}")


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Cases and their functions, in the order they are shown in."""

    name: str
    cases: tuple[Example, ...]
    functions: tuple[Function, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len({case.id for case in self.cases}) < len(self.cases):
            raise ValueError(f"{self.name}: two cases have one id")
        names = [function.name for function in self.functions]
        if len(set(names)) < len(names) or {case.slice for case in self.cases} != set(names):
            raise ValueError(f"{self.name}: the functions are not those of its cases")
        if wrong := [case.id for case in self.cases if case.label not in LABELS]:
            raise ValueError(f"{self.name}: case {wrong[0]!r} has no expected label")

    @property
    def digest(self) -> str:
        """Of all that is asked, in whatever order it stands."""
        whole = sha256()
        for case in sorted(self.cases, key=lambda case: case.id):
            content = [case.id, digest_of_case(case), list(case.mentions), sorted(case.partners)]
            whole.update(json.dumps(content).encode("utf-8") + b"\n")
        return f"sha256:{whole.hexdigest()}"


def suite_of(name: str, examples: Iterable[Example], *, descriptions: dict[str, str] | None = None) -> Suite:
    """The rows that have a function and a label, as cases; what is left out is counted in the notes."""
    rows = list(examples)
    cases = tuple(row for row in rows if row.slice and row.label in LABELS)
    names = dict.fromkeys(case.slice for case in cases if case.slice)
    known = descriptions or {}
    left = len(rows) - len(cases)
    return Suite(
        name=name,
        cases=cases,
        functions=tuple(Function(name=one, description=known.get(one, "")) for one in names),
        notes=(f"{left:,} rows without a function or a label are left out",) if left else (),
    )


def digest_of_case(case: Example) -> str:
    """Tells a case that was changed from one that was not."""
    content = json.dumps([case.text, case.label, case.slice])
    return sha256(content.encode("utf-8")).hexdigest()[:DIGEST_CHARACTERS]


def with_partners_both_ways(cases: Sequence[Example]) -> tuple[Example, ...]:
    """The cases, each naming those that name it."""
    partners: dict[str, dict[str, None]] = {case.id: dict.fromkeys(case.partners) for case in cases}
    for case in cases:
        for other in case.partners:
            partners.setdefault(other, {})[case.id] = None
    return tuple(replace(case, partners=tuple(partners[case.id])) for case in cases)


def with_partners_of_groups(cases: Sequence[Example]) -> tuple[Example, ...]:
    """
    The cases, each edited one a partner of the original it was made from, where a source records only who belongs together.

    A group with no original, or with several, says nothing of who was made from whom, and is left as it is.
    """
    originals = Counter(case.group for case in cases if case.perturbed is False)
    first = {case.group: case.id for case in cases if case.perturbed is False and originals[case.group] == 1}
    linked = [
        replace(case, partners=(first[case.group],)) if case.perturbed and case.group in first and not case.partners else case
        for case in cases
    ]
    return with_partners_both_ways(linked)


def digest_of_text(text: str) -> str:
    """A short name for a text nobody named."""
    return sha256(text.encode("utf-8")).hexdigest()[:8]
