"""
Tests of two systems on the same rows or the same seeds, and the correction where several are made.

Only rows on which the systems disagree tell them apart. The exact test is used where they are few; elsewhere the mid-p
value, which counts half of the chance of just this split and keeps its level closer. Both take every row for a witness of its
own: where rows have kin, whole groups change sides instead.
"""

from collections.abc import Iterator, Mapping, Sequence
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
CELLS = 1_000_000  # of a block of signs
TOUCH = 1e-9  # relative: sums that differ by less are the same


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """How many rows only the one system has right and only the other; `p` is two-sided."""

    only_a: int
    only_b: int
    p: float
    how: Literal["exact", "mid-p", "sign flips of groups of kin"]


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
    farther = sum(int(np.count_nonzero(np.abs(signs @ values) >= reached)) for signs in _drawn_signs(len(values), seed))
    return (1 + farther) / (1 + FLIPS)


def flips_of_groups(differences: Sequence[float] | NDArray[np.float64], clusters: NDArray[np.int64], *, seed: int) -> float:
    """
    How often the sum of the rows' differences would be as far from nothing if each group of kin changed its side by a coin.

    For rows, 1 where only the first system is right and -1 where only the other is: McNemar's question, with kin as one witness.
    """
    if len(differences) != len(clusters):
        raise DataError(f"a test of groups needs a cluster for each of the {len(differences):,} rows, got {len(clusters):,}")
    _, places = np.unique(clusters, return_inverse=True)
    sums = np.bincount(places, weights=np.asarray(differences, dtype=np.float64))
    moved = sums[sums != 0]  # the others tell nothing, whichever side they are on
    return permutation(moved.tolist(), seed=seed) if len(moved) else 1.0


def _drawn_signs(count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Blocks of (draws, signs), so that memory does not grow with the draws."""
    generator, at_once = np.random.default_rng(seed), max(1, CELLS // count)
    for first in range(0, FLIPS, at_once):
        here = min(at_once, FLIPS - first)
        yield generator.integers(0, 2, size=(here, count), dtype=np.int8).astype(np.float64) * 2 - 1


def _all_signs(count: int) -> NDArray[np.float64]:
    return np.array(list(product((-1.0, 1.0), repeat=count)))
