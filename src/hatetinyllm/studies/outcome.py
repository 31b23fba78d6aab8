"""
What became of each case of a suite, and how it is stored: ids, labels and scores, never a text.

A case passes when the detector says of it what is expected. Where it says nothing (it refused the text, or leaves it to
people), the case does not pass, and the reason is told.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from hatetinyllm.data.suite import LABELS, Function
from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.folder import write_text_whole
from hatetinyllm.plain import plain, to_json
from hatetinyllm.typed import TypedError, build
from hatetinyllm.types import Band

FORMAT = 1
HALF = Band(low=0.5, high=0.5)
ABSTAINED = "abstain"
DERIVED = ("format", "figures", "gate")  # stands in the file for readers, and is worked out again from the rest


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One case: what was expected of it and what was said."""

    id: str
    function: str
    expected: str
    said: str | None
    passed: bool
    score: float | None
    digest: str  # of the case, to tell whether it was changed
    reason: str = ""  # why nothing was said
    groups: tuple[str, ...] = ()  # whom it names
    partners: tuple[str, ...] = ()
    template: str | None = None  # cases of one template differ only in whom they name

    def __post_init__(self) -> None:
        if self.expected not in LABELS or self.said not in (*LABELS, None):
            raise ValueError(f"case {self.id!r}: a label is {' or '.join(LABELS)}")
        if self.passed != (self.said == self.expected):
            raise ValueError(f"case {self.id!r} passes exactly where what is expected was said")
        if self.score is not None and not 0 <= self.score <= 1:
            raise ValueError(f"case {self.id!r}: a score lies from 0 to 1, got {self.score}")


@dataclass(frozen=True, kw_only=True)
class SuiteResult:
    """A suite put to a detector."""

    suite: str
    digest: str  # of the suite
    detector: str
    kind: str
    identity: str
    asked: str  # the label its scores are of
    outcomes: tuple[Outcome, ...]
    functions: tuple[Function, ...]
    band: Band | None  # None: the detector's own decisions were taken
    decided: str  # by what, in words
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    made_at: str = ""

    def __post_init__(self) -> None:
        if {one.function for one in self.outcomes} != {function.name for function in self.functions}:
            raise ValueError("the functions are not those of the cases")
        if len({one.id for one in self.outcomes}) < len(self.outcomes):
            raise ValueError("two cases have one id")


def decide(score: float | None, band: Band) -> str | None:
    """The label of a score, or None between the thresholds and where there is no score."""
    if score is None or band.low <= score < band.high:
        return None
    return "hate" if score >= band.high else "not_hate"


def decided_by(result: SuiteResult, band: Band) -> SuiteResult:
    """The same scores under other thresholds; what has no score stays without an answer."""
    outcomes = []
    for one in result.outcomes:
        said = decide(one.score, band)
        reason = one.reason if one.score is None else ABSTAINED if said is None else ""
        outcomes.append(replace(one, said=said, passed=said == one.expected, reason=reason))
    return replace(result, outcomes=tuple(outcomes), band=band, decided=in_words(band))


def in_words(band: Band) -> str:
    """What thresholds do."""
    if band.low == band.high:
        return f"hate from {band.high:g} on"
    return f"hate from {band.high:g} on, left open from {band.low:g}"


def write_result(path: Path, result: SuiteResult, **derived: object) -> None:
    """Store a result; `derived` stands beside it for readers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(path, to_json(stored(result, **derived), indent=1) + "\n")


def stored(result: SuiteResult, **derived: object) -> dict[str, object]:
    """A result as it is stored."""
    assert set(derived) <= set(DERIVED)
    return {"format": FORMAT, **plain(result), **{name: plain(value) for name, value in derived.items()}}


def read_result(path: Path) -> SuiteResult:
    """A stored result; one that is damaged, foreign or too new is refused."""
    if not path.is_file():
        beside = [other.name for other in path.parent.glob("*.json")] if path.parent.is_dir() else []
        raise DataError(f"there is no result {str(path)!r} ({did_you_mean(path.name, beside)})")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no result of a check: it is not JSON") from error
    if not isinstance(content, dict) or "outcomes" not in content:
        raise DataError(f"{path} is no result of a check", ["`hatetinyllm check SUITE DETECTOR --save FILE` writes one"])
    if content.get("format") != FORMAT:
        raise DataError(f"{path} was written by another version of hatetinyllm: check the suite again")
    try:
        return build(SuiteResult, {key: value for key, value in content.items() if key not in DERIVED}, "result")
    except TypedError as error:
        raise DataError(f"{path} cannot be read", error.problems[:20]) from error
