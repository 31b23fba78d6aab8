"""
Runs of words that texts share: whoever learns a text that shares eight words in a row with a judged one has read ahead.

A text of fewer words is met where all its words stand in a row; one of fewer than four where nothing else stands beside them.
Words are compared in lower case and in their plain Unicode form, without punctuation. Runs are 64-bit numbers, compared by
the million: that two different runs have one number is less likely than a fault of the memory.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST, SHORTEST = 8, 4
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, and its bits look thrown
TABLE_BITS = 23
_WORD = re.compile(r"\w+|\n")
_INSIDE = re.compile("['’ʼ`\u00ad\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]+")  # apostrophes, and what nobody sees


@dataclass(frozen=True, kw_only=True)
class Runs:
    """The runs of some texts: sorted numbers, a quick table of their upper bits, and the shortest texts as they are."""

    numbers: NDArray[np.uint64]
    table: NDArray[np.bool_]
    short: frozenset[str]

    @property
    def any(self) -> bool:
        """Whether there is anything to meet."""
        return bool(len(self.numbers) or self.short)


def words_of(text: str) -> list[str]:
    """The words by which texts are compared; a line's end stands as a word of its own."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _WORD.findall(_INSIDE.sub("", text.lower()).replace("_", " "))


def learn_runs(texts: Sequence[str]) -> Runs:
    """What must not be met again of these texts."""
    found: list[NDArray[np.uint64]] = [np.zeros(0, dtype=np.uint64)]
    short = set()
    for text in texts:
        words = words_of(text.replace("\n", " "))
        size = min(len(words), LONGEST)
        if size >= SHORTEST:
            found.append(_numbers(_coded(words), size)[size])
        elif words:
            short.add(" ".join(words))
    numbers = np.unique(np.concatenate(found))
    table = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
    table[_upper(numbers)] = True
    return Runs(numbers=numbers, table=table, short=frozenset(short))


def shares_run(texts: Sequence[str], runs: Runs) -> NDArray[np.bool_]:
    """Which of the texts share a run with those that were learnt, or are one of their shortest."""
    met = np.zeros(len(texts), dtype=np.bool_)
    if not runs.any or not texts:
        return met
    words = words_of("\n".join(text.replace("\n", " ") for text in texts))
    codes = _coded(words)
    ends = codes == np.uint64(hash("\n") & 0xFFFFFFFFFFFFFFFF)
    row_of = np.cumsum(ends) - ends
    for numbers in _numbers(codes, LONGEST).values():
        possible = np.flatnonzero(runs.table[_upper(numbers)])
        places = np.searchsorted(runs.numbers, numbers[possible])
        same = runs.numbers[np.minimum(places, len(runs.numbers) - 1)] == numbers[possible] if len(runs.numbers) else possible < 0
        met[row_of[possible[same]]] = True
    lengths = np.bincount(row_of[~ends], minlength=len(texts))
    for row in np.flatnonzero((lengths > 0) & (lengths < SHORTEST)).tolist():
        met[row] |= " ".join(words_of(texts[row].replace("\n", " "))) in runs.short
    return met


def _coded(words: Sequence[str]) -> NDArray[np.uint64]:
    """Each word as a number that holds for this process."""
    return np.fromiter(map(hash, words), dtype=np.int64, count=len(words)).view(np.uint64)


def _numbers(codes: NDArray[np.uint64], longest: int) -> dict[int, NDArray[np.uint64]]:
    """Length -> the number of the run that starts at each word, for the lengths that count."""
    found, mixed = {}, codes
    for size in range(2, longest + 1):
        mixed = mixed[:-1] * FACTOR + codes[size - 1 :]
        if size >= SHORTEST:
            found[size] = (mixed ^ (mixed >> np.uint64(29))) * FACTOR + np.uint64(size)
    return found


def _upper(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (numbers >> np.uint64(64 - TABLE_BITS)).astype(np.int64)
