"""
Tests of two systems on the same rows or the same seeds, and the correction where several are made.

Only rows on which the systems disagree tell them apart. The exact test is used where they are few; elsewhere the mid-p
value, which counts half of the chance of just this split and keeps its level closer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from hatetinyllm.errors import DataError

EXACT_BELOW = 25  # rows on which the systems disagree
SEEDS_AT_MOST = 12  # whose signs are all tried: 4,096 ways
FLIPS = 10_000  # drawn where there are more seeds
TOUCH = 1e-9  # relative: sums that differ by less are the same


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """How many rows only the one system has right and only the other; `p` is two-sided."""

    only_a: int
    only_b: int
    p: float
    how: Literal["exact", "mid-p"]


def mcnemar(only_a: int, only_b: int) -> McNemar:
    """Whether so uneven a split of the rows on which two systems disagree would be chance."""
    if min(only_a, only_b) < 0:
        raise DataError(f"rows that only one system has right are counted from 0, got {only_a} and {only_b}")
    apart, fewer = only_a + only_b, min(only_a, only_b)
    both_tails = 2 * float(binom.cdf(fewer, apart, 0.5))
    exact = apart < EXACT_BELOW
    p = min(1.0, both_tails if exact else both_tails - float(binom.pmf(fewer, apart, 0.5)))
    return McNemar(only_a=only_a, only_b=only_b, p=p, how="exact" if exact else "mid-p")


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Each p-value corrected for all of them being asked: the smallest by their number, the next by one less, and so on."""
    if wrong := {name: p for name, p in p_values.items() if not 0 <= p <= 1}:
        raise DataError("p-values lie between 0 and 1", [f"{name}: {p:g}" for name, p in wrong.items()])
    adjusted, before = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        before = max(before, min(1.0, (len(p_values) - place) * p_values[name]))
        adjusted[name] = before
    return {name: adjusted[name] for name in p_values}


def permutation(differences: Sequence[float], *, seed: int) -> float:
    """
    How often the mean difference of paired seeds would be as far from nothing if each sign were a coin's.

    All ways are tried up to 12 seeds, so the seed matters only beyond; n seeds cannot give less than 2 / 2^n.
    """
    values = np.asarray(differences, dtype=np.float64)
    if not len(values) or not np.isfinite(values).all():
        raise DataError(f"a test of seeds needs a difference for each, got {list(differences)}")
    reached = abs(values.sum()) - TOUCH * np.abs(values).sum()
    if len(values) <= SEEDS_AT_MOST:
        return float(np.mean(np.abs(_all_signs(len(values)) @ values) >= reached))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(FLIPS, len(values)))
    return (1 + int(np.count_nonzero(np.abs(signs @ values) >= reached))) / (1 + FLIPS)


def _all_signs(count: int) -> NDArray[np.float64]:
    return np.array(list(product((-1.0, 1.0), repeat=count)))
