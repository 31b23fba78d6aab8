"""
How much of each source an epoch holds, and in which order: chance is a digest of each unit's text and the seed.

A source that is to give fewer characters than it has gives those units whose draw is lowest, so that a smaller amount lies
within a larger one; one that is to give more is met several times, its copies spread evenly over the epoch.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import did_you_mean

SCALES = {"": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
MOST_COPIES = 100
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kMG]?)")
_TIMES = re.compile(r"x([0-9]+(?:\.[0-9]+)?)")


def read_share(word: str) -> tuple[str, int | float] | str:
    """`books=40M` as a name and so many characters (a whole number) or times (`x2.5`, a float); or what is wrong with it."""
    name, equals, amount = word.partition("=")
    if equals and name and (found := _AMOUNT.fullmatch(amount.strip())):
        return name.strip(), int(float(found[1]) * SCALES[found[2]])
    if equals and name and (found := _TIMES.fullmatch(amount.strip())):
        return name.strip(), float(found[1])
    return f"{word!r} is no share: expected source=characters as in books=40M, or source=xtimes as in comments=x2.5"


def wrong_shares(words: Sequence[str], sources: Sequence[str]) -> list[str]:
    """What is wrong with shares, given the names of the sources there are."""
    read = [read_share(word) for word in words]
    problems = [found for found in read if isinstance(found, str)]
    names = [found[0] for found in read if not isinstance(found, str)]
    problems += [f"there is no source {name!r} ({did_you_mean(name, sources)})" for name in names if name not in sources]
    return problems + [f"the source {name!r} has two shares" for name in dict.fromkeys(names) if names.count(name) > 1]


def copies_of(units: NDArray[np.void], sources: Sequence[str], shares: Mapping[str, int | float]) -> NDArray[np.int64]:
    """How often each unit is met in one epoch; held-out units never."""
    copies = np.zeros(len(units), dtype=np.int64)
    for number, name in enumerate(sources):
        own = np.flatnonzero((units["source"] == number) & ~units["held_out"])
        own = own[np.argsort(mixed(units["draw"][own], 1), kind="stable")]
        sizes = np.cumsum(units["characters"][own], dtype=np.int64)
        if not len(own):
            continue
        asked = shares.get(name, 1.0)
        wanted = asked if isinstance(asked, int) else asked * int(sizes[-1])
        whole, rest = divmod(min(wanted, MOST_COPIES * int(sizes[-1])), int(sizes[-1]))
        copies[own] = int(whole) + (sizes <= rest)
    return copies


def order_of(units: NDArray[np.void], copies: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The units of one epoch in a mixed order: each copy of a unit lies in its own stretch of the epoch."""
    places = np.repeat(np.arange(len(units)), copies)
    times = copies[places]
    copy = np.arange(len(places)) - np.repeat(np.cumsum(copies) - copies, copies)
    lot = mixed(units["draw"][places], 2 + seed) / 2.0**64
    found: NDArray[np.int64] = places[np.argsort((copy + lot) / np.maximum(times, 1), kind="stable")]
    return found


def mixed(draws: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Each draw thrown anew (SplitMix64): the same on every machine."""
    state = draws.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    thrown: NDArray[np.uint64] = state ^ (state >> np.uint64(31))
    return thrown
