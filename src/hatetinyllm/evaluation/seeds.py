"""
Several seeds of one recipe: the mean, and how far one seed lies from another.

This is the spread of training, beside the interval of a single result, which is the spread of rows: neither holds the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.judgement import Judgement
from hatetinyllm.types import Result


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A figure over seeds; `deviation` is the sample's (n - 1)."""

    mean: float
    deviation: float
    low: float
    high: float
    seeds: int


def spread_of(results: Sequence[Result]) -> Mapping[str, Spread]:
    """Each figure that all results have; they must be of the same rows, or their spread is of two things at once."""
    if len(results) < 2:
        raise DataError(f"a spread needs two results or more, got {len(results)}")
    if len({(one.head, one.positive, one.rows, one.prevalence) for one in results}) > 1:
        told = [f"{one.name}: {one.rows:,} rows, {one.prevalence:.3f} {one.positive}" for one in results]
        raise DataError("the results are not of the same rows, so they have no common spread", told)
    return figures_over(results)


def figures_over(results: Sequence[Result]) -> dict[str, Spread]:
    """The same whatever the rows: over partings of a dataset, the rows are what differs."""
    found = {}
    for name in results[0].metrics:
        values = [value for one in results if (value := one.metrics.get(name)) is not None]
        if len(values) == len(results):
            found[name] = Spread(
                mean=float(np.mean(values)),
                deviation=float(np.std(values, ddof=1)),
                low=min(values),
                high=max(values),
                seeds=len(values),
            )
    return found


def spread_of_judgements(judgements: Sequence[Judgement]) -> tuple[Mapping[str, Spread], tuple[str, ...]]:
    """The same for stored judgements, and what a reader must know; as many rows of other data are refused."""
    if apart := list(_apart(judgements)):
        raise DataError("the judgements are not of the same rows, so they have no common spread", apart)
    return spread_of([one.result for one in judgements]), tuple(_notes(judgements))


def _apart(judgements: Sequence[Judgement]) -> Iterator[str]:
    """What tells each judgement's rows from the first's; the order of rows does not."""
    for one in judgements[1:]:
        first = judgements[0]
        if one.judged.digest != first.judged.digest:
            yield f"{one.name}: judged on {one.judged.name} {one.judged.part}, other data than {first.name}'s"
        elif one.rows is not None and first.rows is not None and set(one.rows.ids) != set(first.rows.ids):
            count = len(set(one.rows.ids) ^ set(first.rows.ids))
            yield f"{one.name}: {count:,} rows that only it or only {first.name} was judged on"


def _notes(judgements: Sequence[Judgement]) -> Iterator[str]:
    held: dict[str, list[str]] = {}
    for one in judgements:
        held.setdefault(one.identity, []).append(one.name)
    for names in held.values():
        if len(names) > 1:
            yield f"the same bundle stands {len(names)} times, as {', '.join(names)}: the spread is too small"
