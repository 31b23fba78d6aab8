"""
Whether a result may go out: no function below its bar, and none significantly worse than it was.

A bar is held against the pass rate itself; where the interval holds the bar, there are too few cases to be sure, and that is
said. Worse is what McNemar's two-sided test says of the cases both results have, with Holm's correction over all
functions and all cases together. What got better, came or went is told and fails nothing.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hatetinyllm.data.suite import Function
from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.metrics.paired import holm, mcnemar
from hatetinyllm.studies.outcome import Outcome, SuiteResult
from hatetinyllm.studies.rates import Figures, Rate, counted

ALPHA = 0.05
EVERY = "all cases"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A function held against its bar."""

    rate: Rate
    bar: float
    met: bool
    unsure: bool  # the interval holds the bar: other cases of the kind might say otherwise


@dataclass(frozen=True, kw_only=True)
class Change:
    """A function against what it was, on the cases both results have."""

    function: str
    cases: int
    lost: tuple[str, ...]  # ids that passed before and fail now
    won: tuple[str, ...]
    p: float
    adjusted: float  # by Holm, for all that were asked
    could: bool  # had all of its cases been lost, that would have been significant

    @property
    def worse(self) -> bool:
        """More was lost than won, and not by chance."""
        return len(self.lost) > len(self.won) and self.adjusted < ALPHA

    @property
    def better(self) -> bool:
        """More was won than lost, and not by chance."""
        return len(self.won) > len(self.lost) and self.adjusted < ALPHA


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What was held against what, and whether all of it holds."""

    held: tuple[Held, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """Something was held against something."""
        return bool(self.held or self.changes)

    @property
    def passed(self) -> bool:
        """Nothing is below its bar and nothing got worse."""
        return not self.failures

    @property
    def failures(self) -> tuple[str, ...]:
        """Why it does not pass, a line each."""
        below = [
            f"{held.rate.name} is below its bar of {held.bar:g}: {counted(held.rate)}{_unsure(held)}"
            for held in self.held
            if not held.met
        ]
        worse = [
            f"{change.function} got worse: {len(change.lost):,} cases lost and {len(change.won):,} won of {change.cases:,} "
            f"(McNemar, two-sided: p {change.p:.3g}, with Holm {change.adjusted:.3g})"
            for change in self.changes
            if change.worse
        ]
        return (*below, *worse)

    @property
    def in_full(self) -> dict[str, object]:
        """With what follows from it, for those who read it as JSON."""
        changes = [{**vars(one), "worse": one.worse, "better": one.better} for one in self.changes]
        return {"passed": self.passed, "failures": self.failures, "held": self.held, "changes": changes, "notes": self.notes}


def gate_of(
    result: SuiteResult, figures: Figures, *, bar: float | None, bars: Mapping[str, float], last: SuiteResult | None
) -> Gate:
    """The gate of a result: `bars` by function, before the suite's own, before the one bar of all others."""
    require_same_suite(result.suite, [one.id for one in result.outcomes], last)
    held = tuple(_held(rate, found) for rate, found in zip(figures.functions, bars_of(result.functions, bar, bars), strict=True))
    kept = tuple(one for one in held if one is not None)
    if last is None:
        return Gate(held=kept)
    return Gate(held=kept, changes=_changes(result, last), notes=tuple(_notes(result, last)))


def require_same_suite(suite: str, ids: Iterable[str], last: SuiteResult | None) -> None:
    """Refuse the last result of another suite, and one that has no case in common: it would hold nothing against anything."""
    if last is None:
        return
    way = ["results of one suite are compared; store one of this by --save, or leave --last out"]
    if last.suite != suite:
        raise DataError(f"the last result is of another suite: {last.suite!r}, and this is {suite!r}", way)
    if {one.id for one in last.outcomes}.isdisjoint(ids):
        raise DataError(f"the last result of {suite} has no case in common with the suite as it is now", way)


def bars_of(functions: Sequence[Function], bar: float | None, bars: Mapping[str, float]) -> list[float | None]:
    """The bar of each function, where it has one."""
    if bar is not None and not 0 <= bar <= 1:
        raise DataError(f"a bar is the share of cases that must pass, from 0 to 1, got {bar:g}")
    names = [function.name for function in functions]
    if unknown := [name for name in bars if name not in names]:
        raise DataError(
            "bars are set for functions that the suite does not have",
            [f"{name!r} ({did_you_mean(name, names)})" for name in unknown],
        )
    return [bars.get(function.name, bar if function.bar is None else function.bar) for function in functions]


def read_bars(path: Path) -> dict[str, float]:
    """Bars by function, as TOML: `"negated contempt" = 0.6` on a line each."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        beside = [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise DataError(f"there is no file of bars {str(path)!r} ({did_you_mean(path.name, beside)})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no TOML: {error}", ['a bar is a line such as "negated contempt" = 0.6']) from error
    wrong = [
        name for name, bar in content.items() if isinstance(bar, bool) or not isinstance(bar, int | float) or not 0 <= bar <= 1
    ]
    if wrong:
        raise DataError(f"{path}: a bar is a number from 0 to 1", [f"{name!r} has {content[name]!r}" for name in wrong])
    return {name: float(bar) for name, bar in content.items()}


def _held(rate: Rate, bar: float | None) -> Held | None:
    if bar is None:
        return None
    return Held(rate=rate, bar=bar, met=rate.share >= bar, unsure=rate.interval.low <= bar <= rate.interval.high)


def _unsure(held: Held) -> str:
    return f"; {held.rate.cases:,} cases are too few to be sure, the interval holds the bar" if held.unsure else ""


def _changes(result: SuiteResult, last: SuiteResult) -> tuple[Change, ...]:
    """Every function that both have cases of, and all of them together."""
    before = {one.id: one for one in last.outcomes}
    both: dict[str, list[tuple[Outcome, Outcome]]] = defaultdict(list)
    for now in result.outcomes:
        if (then := before.get(now.id)) is not None and then.digest == now.digest:
            both[now.function].append((then, now))
            both[EVERY].append((then, now))
    asked = [name for name in (*(function.name for function in result.functions), EVERY) if both[name]]
    split = {name: (_turned(both[name], lost=True), _turned(both[name], lost=False)) for name in asked}
    p_values = {name: mcnemar(len(lost), len(won)).p for name, (lost, won) in split.items()}
    adjusted = holm(p_values)
    return tuple(
        Change(
            function=name,
            cases=len(both[name]),
            lost=split[name][0],
            won=split[name][1],
            p=p_values[name],
            adjusted=adjusted[name],
            could=len(asked) * mcnemar(len(both[name]), 0).p < ALPHA,
        )
        for name in asked
    )


def _turned(pairs: Sequence[tuple[Outcome, Outcome]], *, lost: bool) -> tuple[str, ...]:
    """The ids of the cases that passed before and not now, or the other way round."""
    return tuple(now.id for then, now in pairs if then.passed != now.passed and then.passed is lost)


def _notes(result: SuiteResult, last: SuiteResult) -> Iterator[str]:
    """What came, went or was changed since the last result, and what else is not the same."""
    now, then = ({one.id: one for one in found.outcomes} for found in (result, last))
    functions = [{function.name for function in found.functions} for found in (result, last)]
    told = {
        "new cases": [id for id in now if id not in then],
        "cases that are gone": [id for id in then if id not in now],
        "cases that were changed": [id for id in now if id in then and now[id].digest != then[id].digest],
        "new functions": sorted(functions[0] - functions[1]),
        "functions that are gone": sorted(functions[1] - functions[0]),
    }
    for what, names in told.items():
        if names:
            yield f"{len(names):,} {what}, not compared: {', '.join(names[:5])}{', ...' if len(names) > 5 else ''}"
    if result.decided != last.decided:
        yield f"the last result decided otherwise: {last.decided}; now {result.decided}"
    if result.identity == last.identity:
        yield "the detector is the same as in the last result"
