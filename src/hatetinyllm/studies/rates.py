"""
How many cases pass: by function, by label, by whom they name, and as pairs, each rate with its Wilson interval.

Groups are compared on the same sentences where the suite has them: the cases of the templates that were filled with every
group. Pairs stand beside what two independent answers of the same rate would reach.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hatetinyllm.evaluation.contrast import Contrast, contrasts_of
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics.rate import wilson
from hatetinyllm.studies.outcome import Outcome, SuiteResult
from hatetinyllm.types import Interval

DRAWS, SEED = 1000, 42  # of the intervals of pairs
WORST = 5

Expected = Literal["hate", "not_hate", "both"]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How many of some cases pass."""

    name: str
    passed: int
    cases: int
    share: float
    interval: Interval
    expected: Expected
    unanswered: int = 0
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All rates of a result."""

    overall: Rate
    macro: float  # the mean over functions
    functions: tuple[Rate, ...]
    labels: tuple[Rate, ...]
    groups: tuple[Rate, ...]
    groups_of: str  # which cases the groups are compared on
    pairs: tuple[Contrast, ...]
    decided: str


def figures_of(result: SuiteResult) -> Figures:
    """All rates of a result, its functions in their own order."""
    by_function: dict[str, list[Outcome]] = defaultdict(list)
    by_label: dict[str, list[Outcome]] = defaultdict(list)
    for one in result.outcomes:
        by_function[one.function].append(one)
        by_label[one.expected].append(one)
    functions = tuple(
        rate_of(function.name, by_function[function.name], description=function.description) for function in result.functions
    )
    groups_of, compared = comparable(result.outcomes)
    return Figures(
        overall=rate_of("all cases", result.outcomes),
        macro=float(np.mean([rate.share for rate in functions])),
        functions=functions,
        labels=tuple(rate_of(label, by_label[label]) for label in sorted(by_label)),
        groups=tuple(_by_group(compared)),
        groups_of=groups_of,
        pairs=_pairs(result.outcomes),
        decided=result.decided,
    )


def rate_of(name: str, outcomes: Sequence[Outcome], *, description: str = "") -> Rate:
    """The rate of some cases, of which there is at least one."""
    passed, expected = sum(one.passed for one in outcomes), {one.expected for one in outcomes}
    return Rate(
        name=name,
        passed=passed,
        cases=len(outcomes),
        share=passed / len(outcomes),
        interval=wilson(passed, len(outcomes)),
        expected="both" if len(expected) > 1 else "hate" if "hate" in expected else "not_hate",
        unanswered=sum(one.said is None for one in outcomes),
        description=description,
    )


def worst(figures: Figures, count: int = WORST) -> list[Rate]:
    """The functions that pass least; those that pass whole are not among them."""
    failing = [rate for rate in figures.functions if rate.passed < rate.cases]
    return sorted(failing, key=lambda rate: (rate.share, -rate.cases))[:count]


def in_words(rate: Rate, outcomes: Iterable[Outcome]) -> str:
    """What a detector does wrong with a function."""
    wrong = [one for one in outcomes if one.function == rate.name and not one.passed]
    said = {
        "calls {} of them hate": sum(one.said == "hate" for one in wrong),
        "lets {} pass as not hate": sum(one.said == "not_hate" for one in wrong),
        "says nothing of {}": sum(one.said is None for one in wrong),
    }
    told = " and ".join(words.format(f"{count:,}") for words, count in said.items() if count)
    return f"{_named(rate)}: {counted(rate)}" + (f"; it {told}" if told else "")


def counted(rate: Rate) -> str:
    """A rate with all that belongs to it."""
    interval = f"[{rate.interval.low:.3f}, {rate.interval.high:.3f}]"
    return f"{rate.passed:,} of {rate.cases:,} pass ({rate.share:.3f} {interval})"


def comparable(outcomes: Sequence[Outcome]) -> tuple[str, list[Outcome]]:
    """The cases on which groups can be compared, and how they were chosen."""
    named = [one for one in outcomes if one.groups]
    groups = {group for one in named for group in one.groups}
    filled: dict[str, set[str]] = defaultdict(set)
    for one in named:
        if one.template is not None:
            filled[one.template].update(one.groups)
    whole = {template for template, found in filled.items() if found == groups}
    if len(groups) < 2 or not whole:
        return "all cases that name them", named
    return "the sentences that name each of them in turn", [one for one in named if one.template in whole]


def _by_group(outcomes: Iterable[Outcome]) -> Iterator[Rate]:
    found: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        for group in one.groups:
            found[group].append(one)
    for group in sorted(found):
        yield rate_of(group, found[group])


def _pairs(outcomes: Sequence[Outcome]) -> tuple[Contrast, ...]:
    """An answer that is missing counts as the wrong one."""
    truth = np.array([one.expected == "hate" for one in outcomes], dtype=np.int64)
    passed = np.array([one.passed for one in outcomes], dtype=np.bool_)
    rows = Rows(
        ids=tuple(one.id for one in outcomes),
        truth=truth,
        scores=np.where(passed, truth, 1 - truth).astype(np.float64),
        clusters=_clusters(outcomes),
        partners=tuple(one.partners for one in outcomes),
    )
    return contrasts_of(rows, threshold=0.5, draws=DRAWS, seed=SEED)


def _clusters(outcomes: Sequence[Outcome]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Cases that partners lead to from one another get one number."""
    places = {one.id: place for place, one in enumerate(outcomes)}
    owner = list(range(len(outcomes)))

    def root(place: int) -> int:
        while owner[place] != place:
            owner[place] = owner[owner[place]]
            place = owner[place]
        return place

    for place, one in enumerate(outcomes):
        for partner in one.partners:
            if partner in places:
                owner[root(place)] = root(places[partner])
    return np.array([root(place) for place in range(len(outcomes))], dtype=np.int64)


def _named(rate: Rate) -> str:
    return f"{rate.name} ({rate.description})" if rate.description else rate.name
