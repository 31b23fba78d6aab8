"""The result of a suite of functional tests, read from the JSON that `check` writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hatetinyllm.errors import DataError

HINT = "`hatetinyllm check SUITE DETECTOR --json > suite.json` makes one"


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One function: its cases, how many passed, and the same by group as (passed, cases)."""

    name: str
    cases: int
    passed: int
    groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A suite and what a detector came to on it; `groups` are columns beside the whole."""

    name: str
    detector: str
    functions: tuple[Tested, ...]
    groups: tuple[str, ...] = ()


def suite_in(content: object, where: str) -> Suite:
    """The suite in a JSON file."""
    if not isinstance(content, Mapping) or not isinstance(content.get("functions"), list) or not content["functions"]:
        raise DataError(f"{where} holds no result of a suite", [HINT])
    problems: list[str] = []
    functions = tuple(_tested(one, number, problems) for number, one in enumerate(content["functions"]))
    if problems:
        raise DataError(f"{where} cannot be read", [*problems, HINT])
    return Suite(
        name=str(content.get("suite") or content.get("name") or where),
        detector=str(content.get("detector") or "the detector"),
        functions=functions,
        groups=tuple(dict.fromkeys(group for one in functions for group in one.groups)),
    )


def _tested(content: object, number: int, problems: list[str]) -> Tested:
    found: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
    name, cases, passed = found.get("function") or found.get("name"), found.get("cases"), found.get("passed")
    if not isinstance(name, str) or type(cases) is not int or type(passed) is not int or not 0 <= passed <= cases:
        problems.append(f"functions[{number}] needs a function, cases, and passed of these, got {content!r:.80}")
        return Tested(name="", cases=0, passed=0)
    return Tested(name=name, cases=cases, passed=passed)
