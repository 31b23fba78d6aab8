"""
The result of a suite of functional tests, counted anew from the JSON that `check` writes.

That file may be a stranger's: only what is counted is read of it, and each of its outcomes is checked.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hatetinyllm.errors import DataError

HINT = "`hatetinyllm check SUITE DETECTOR --save suite.json` makes one"
GROUPS = 8  # columns beside the whole
TOLD = 10  # problems


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One function: its cases, how many passed, what was expected of them, and the same by group as (passed, cases)."""

    name: str
    cases: int
    passed: int
    expected: str = ""  # both labels where cases of one function differ
    description: str = ""
    groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A suite and what a detector came to on it; `groups` are columns beside the whole."""

    name: str
    detector: str
    functions: tuple[Tested, ...]
    groups: tuple[str, ...] = ()
    identity: str = ""
    decided: str = ""  # by which threshold, in words


def suite_in(content: object, where: str) -> Suite:
    """The suite in a JSON file; what is wrong with it is told at once."""
    if not isinstance(content, Mapping) or not isinstance(content.get("outcomes"), list) or not content["outcomes"]:
        raise DataError(f"{where} holds no result of a suite", [HINT])
    problems = [f"outcomes[{number}] {wrong}" for number, one in enumerate(content["outcomes"]) if (wrong := _wrong(one))]
    if problems:
        raise DataError(f"{where} cannot be read", [*problems[:TOLD], HINT])
    named = Counter(group for one in content["outcomes"] for group in one.get("groups") or ())
    groups = tuple(sorted(named, key=lambda name: (-named[name], name))[:GROUPS])
    return Suite(
        name=str(content.get("suite") or where),
        detector=str(content.get("detector") or "the detector"),
        functions=tuple(_functions(content["outcomes"], _described(content.get("functions")), groups)),
        groups=groups,
        identity=str(content.get("identity") or ""),
        decided=str(content.get("decided") or ""),
    )


def _wrong(one: object) -> str:
    """What keeps an outcome from being counted."""
    if not isinstance(one, Mapping):
        return f"is {one!r:.40}, no outcome"
    if not isinstance(one.get("function"), str) or not isinstance(one.get("expected"), str):
        return "needs a function and what was expected"
    groups = one.get("groups") or ()
    if not isinstance(groups, Sequence) or isinstance(groups, str) or not all(isinstance(group, str) for group in groups):
        return "names its groups otherwise than as a list of texts"
    return "" if isinstance(one.get("passed"), bool) else "says neither that it passed nor that it did not"


def _described(functions: object) -> dict[str, str]:
    """The functions in their own order, with what is said of them."""
    listed = functions if isinstance(functions, list) else []
    return {str(one["name"]): str(one.get("description") or "") for one in listed if isinstance(one, Mapping) and one.get("name")}


def _functions(outcomes: Sequence[Mapping[str, Any]], described: Mapping[str, str], groups: Sequence[str]) -> list[Tested]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in outcomes:
        found[one["function"]].append(one)
    names = [*(name for name in described if name in found), *sorted(set(found) - set(described))]
    return [_tested(name, found[name], described.get(name, ""), groups) for name in names]


def _tested(name: str, cases: Sequence[Mapping[str, Any]], description: str, groups: Sequence[str]) -> Tested:
    by_group = {group: [one for one in cases if group in (one.get("groups") or ())] for group in groups}
    return Tested(
        name=name,
        cases=len(cases),
        passed=sum(one["passed"] for one in cases),
        expected=" and ".join(sorted({one["expected"] for one in cases})),
        description=description,
        groups={group: (sum(one["passed"] for one in own), len(own)) for group, own in by_group.items() if own},
    )
