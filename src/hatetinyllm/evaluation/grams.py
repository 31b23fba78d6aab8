"""
Texts as rows of weighted character n-grams, without a vocabulary: an n-gram's column is its hash.

The n-grams are those of scikit-learn's `char_wb`, 3 to 5 signs within a word and the blanks around it, and so are the weights
(sublinear TF, smoothed IDF, unit rows). Texts are read twice, once to count and once to weigh, a block at a time: beside the
rows themselves, which lie in 32 bits, little memory is needed, however many texts there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

SIZES = (3, 4, 5)
LEAST_TEXTS = 2  # an n-gram that stands in fewer texts hides no likeness
FEWEST_BITS, MOST_BITS = 20, 24  # of a hash; few texts need few columns
SIGNS_A_BLOCK = 2_000_000
SPACE = 32
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, and its bits look thrown
SHIFT = np.uint64(29)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How often each n-gram stands in each text of a block: places of the rows' ends, columns and numbers."""

    ends: NDArray[np.int64]
    columns: NDArray[np.int32]
    times: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What one set of texts teaches of n-grams: the column of each bucket (-1 for none), and how much it weighs."""

    bits: int  # of a hash
    columns: NDArray[np.int32]
    weight: NDArray[np.float32]  # of each bucket, of those without a column too
    texts_with: NDArray[np.int64]  # by column, of the texts learnt from


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """Texts as unit rows in 32 bits, and the share of its length each kept: n-grams without a column are not among them."""

    rows: Any  # a scipy csr_matrix, which has no types
    kept: NDArray[np.float32]


def fold(text: str) -> str:
    """The form in which texts are equal: lower case, one blank between words."""
    return " ".join(text.lower().split())


def learn_weights(texts: Sequence[str]) -> Weights:
    """The n-grams that stand in two texts or more, and how rare each is."""
    bits = min(MOST_BITS, max(FEWEST_BITS, sum(map(len, texts)).bit_length() + 4))
    texts_with = np.zeros(1 << bits, dtype=np.int64)
    for block in count(texts, bits):
        texts_with += np.bincount(block.columns, minlength=len(texts_with))
    known = texts_with >= LEAST_TEXTS
    columns = np.where(known, np.cumsum(known) - 1, -1).astype(np.int32)
    weight = (np.log((1 + len(texts)) / (1 + texts_with)) + 1).astype(np.float32)
    return Weights(bits=bits, columns=columns, weight=weight, texts_with=texts_with[known])


def weigh(texts: Sequence[str], weights: Weights) -> Vectors:
    """Texts as unit rows over the n-grams that were learnt."""
    indices, data = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
    lengths, kept, size = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)], 0
    for block in count(texts, weights.bits):
        values = (1 + np.log(block.times.astype(np.float32))) * weights.weight[block.columns]
        columns = weights.columns[block.columns]
        known = columns >= 0
        whole = _squares(values, block.ends)
        ends = np.concatenate([[0], np.cumsum(known)])[block.ends]
        columns, values = columns[known], values[known]
        squares = _squares(values, ends)
        values /= np.repeat(np.sqrt(squares), np.diff(ends)).astype(np.float32)
        for column, more in ((indices, columns), (data, values)):
            column.resize(size + len(more), refcheck=False)  # the system moves pages, and copies nothing
            column[size:] = more
        size += len(values)
        lengths.append(np.diff(ends))
        kept.append(np.sqrt(np.divide(squares, whole, out=np.zeros_like(squares), where=whole > 0)).astype(np.float32))
    ends = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    small = ends.astype(np.int32) if size <= np.iinfo(np.int32).max else ends
    rows = csr_matrix((data, indices, small), shape=(len(ends) - 1, len(weights.texts_with)))
    return Vectors(rows=rows, kept=np.concatenate(kept))


def count(texts: Sequence[str], bits: int = MOST_BITS) -> Iterator[Counts]:
    """The n-grams of texts, a block of them at a time; blocks end where a text ends."""
    block: list[str] = []
    signs = 0
    for text in texts:
        block.append(fold(text))
        signs += len(block[-1]) + 1
        if signs >= SIGNS_A_BLOCK:
            yield _counted(block, bits)
            block, signs = [], 0
    if block:
        yield _counted(block, bits)


def _counted(folded: Sequence[str], bits: int) -> Counts:
    """The n-grams of one block. No n-gram holds a blank but at its ends, so none can reach from one text into the next."""
    signs = np.frombuffer(f" {' '.join(folded)} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    row_of = np.repeat(np.arange(len(folded), dtype=np.int64), [len(text) + 1 for text in folded])
    keys = [np.zeros(0, dtype=np.int64)]
    codes = signs.astype(np.uint64)
    mixed = codes[: len(codes) - 1] * FACTOR + codes[1:]
    inside = signs[1:] != SPACE  # of the n-gram from here on, all but its ends
    for size in SIZES:
        mixed = mixed[: len(codes) - size + 1] * FACTOR + codes[size - 1 :]
        if size > SIZES[0]:
            inside = inside[: len(mixed)] & (signs[size - 2 :][: len(mixed)] != SPACE)
        starts = np.flatnonzero(inside[: len(mixed)])
        keys.append((row_of[starts] << bits) | _buckets(mixed[starts], bits))
    found = np.sort(np.concatenate(keys))
    first = np.flatnonzero(np.diff(found, prepend=-1))
    times = np.diff(first, append=len(found)).astype(np.int32)
    ends = np.searchsorted(found[first] >> bits, np.arange(len(folded) + 1))
    return Counts(ends=ends, columns=(found[first] & ((1 << bits) - 1)).astype(np.int32), times=times)


def _buckets(mixed: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    """The upper bits of a hash, once the lower ones were mixed into them."""
    return (((mixed ^ (mixed >> SHIFT)) * FACTOR) >> np.uint64(64 - bits)).astype(np.int64)


def _squares(values: NDArray[np.float32], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """The squared length of each row."""
    summed = np.concatenate([[0.0], np.cumsum(values.astype(np.float64) ** 2)])
    squares: NDArray[np.float64] = summed[ends[1:]] - summed[ends[:-1]]
    return squares
