"""
What a count of events among trials says of their rate: intervals, bounds, and how many trials a promise takes.

Clopper-Pearson holds at least as often as it says, whatever the rate, so guarantees are made of it; Wilson holds about as
often as it says and is narrower, so figures are shown with it. Where nothing was tried any rate may be.
"""

import math

from scipy.special import betaincinv, ndtri

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.interval import LEVEL
from hatetinyllm.types import Interval


def wilson(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Wilson's score interval: the rates that such a count does not speak against."""
    _check(successes, trials, level)
    if not trials:
        return Interval(low=0.0, high=1.0)
    z = float(ndtri((1 + level) / 2))
    share, below = successes / trials, 1 + z**2 / trials
    middle = (share + z**2 / (2 * trials)) / below
    half = z / below * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    return Interval(low=low, high=1.0 if successes == trials else min(1.0, middle + half))


def clopper_pearson(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """The exact interval, both tails cut alike: it holds at least as often as it says."""
    _check(successes, trials, level)
    side = (1 + level) / 2
    return Interval(low=1 - upper_bound(trials - successes, trials, side), high=upper_bound(successes, trials, side))


def upper_bound(errors: int, trials: int, confidence: float) -> float:
    """A bound the rate stays under with this confidence: Clopper-Pearson, one-sided."""
    _check(errors, trials, confidence)
    return 1.0 if errors == trials else float(betaincinv(errors + 1, trials - errors, confidence))


def most_errors(trials: int, rate: float, confidence: float) -> int | None:
    """The most errors among so many trials that still promise at most this rate; None where not even 0 do."""
    _check(0, trials, confidence)
    _check_rate(rate)
    if upper_bound(0, trials, confidence) > rate:
        return None
    fits, too_many = 0, trials
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        fits, too_many = (middle, too_many) if upper_bound(middle, trials, confidence) <= rate else (fits, middle)
    return fits


def rows_needed(rate: float, confidence: float, errors: int = 0) -> int:
    """The fewest trials in which so many errors still promise at most this rate."""
    _check(errors, errors, confidence)
    _check_rate(rate)
    too_few, enough = errors, errors + 1
    while upper_bound(errors, enough, confidence) > rate:
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if upper_bound(errors, middle, confidence) <= rate else (middle, enough)
    return enough


def newcombe(one: int, of_one: int, other: int, of_other: int, *, level: float = LEVEL) -> Interval:
    """The first rate less the second, of separate rows: Newcombe's interval from the two of Wilson."""
    first, second = wilson(one, of_one, level=level), wilson(other, of_other, level=level)
    if not of_one or not of_other:
        return Interval(low=first.low - second.high, high=first.high - second.low)
    share, against = one / of_one, other / of_other
    apart = share - against
    return Interval(
        low=apart - math.hypot(share - first.low, second.high - against),
        high=apart + math.hypot(first.high - share, against - second.low),
    )


def _check(successes: int, trials: int, level: float) -> None:
    problems = []
    if not 0 <= successes <= trials:
        problems.append(f"{successes} of {trials} is no count: it goes from 0 to all trials")
    if not 0 < level < 1:
        problems.append(f"a confidence lies between 0 and 1, such as .95, got {level:g}")
    if problems:
        raise DataError("a rate cannot be bounded", problems)


def _check_rate(rate: float) -> None:
    if not 0 < rate < 1:
        raise DataError("a rate cannot be promised", [f"it lies between 0 and 1, such as .01, got {rate:g}"])
