"""
Which rows are kin: a fair split never parts them, or the test can be answered by looking a text up in train.

Kin are recorded partners, rows of one recorded group, rows of equal text, and, where the source has no groups, texts
alike in their characters; what kin of kin are is kin as well. No full table of likenesses is made. Two unit vectors that
reach a cosine of t share one of their rarest n-grams, those that must go for the rest to be shorter than t; so few n-grams
are multiplied, and only what they leave possible is compared in full.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from hatetinyllm.errors import DataError
from hatetinyllm.types import Example

Pairs = NDArray[np.int64]  # (pairs, 2), the lower row first

REST = 0.85  # of the threshold: how much of a row may stay out of the first product
OVERALL = 0.5  # of the threshold: how much alike two texts must be when n-grams no other row has count too
PRODUCTS_A_BLOCK = 4_000_000
PAIRS_A_BLOCK = 50_000
SINGLE_PRECISION = 1e-4  # more than the first product, in 32 bits, can err by
ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Kin:
    """The group of each row, numbered in the order they are met, and what made rows kin."""

    groups: tuple[int, ...]
    how: str


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """Texts as unit rows over the n-grams that stand in two texts or more, and the share of its length each row kept."""

    rows: Any  # a scipy csr_matrix, which has no types
    kept: NDArray[np.float64]


def find_kin(
    examples: Sequence[Example], *, threshold: float = 0.7, near_duplicates: Literal["auto", "always", "never"] = "auto"
) -> Kin:
    """The kin among rows; `auto` compares texts unless every row has a recorded group."""
    if problem := threshold_problem(threshold):
        raise DataError("kin cannot be found", [problem])
    partners = _partner_pairs(examples)
    grouped = _equal_pairs([example.group for example in examples])
    groups = _joined(np.arange(len(examples)), np.concatenate([partners, grouped]))
    recorded = sum(example.group is not None for example in examples)
    told = [word for word, found in (("recorded groups", recorded), ("recorded partners", len(partners))) if found]
    if near_duplicates == "always" or (near_duplicates == "auto" and recorded < len(examples)):
        groups = _joined_by_text(groups, [example.text for example in examples], threshold)
        told.append(f"character cosine from {threshold:g}")
    return Kin(groups=_in_order_met(groups), how=f"kin by {' and '.join(told)}" if told else "no kin recorded")


def threshold_problem(threshold: float) -> str:
    """What is wrong with a threshold; nothing where it is empty."""
    return "" if 0 < threshold <= 1 else f"threshold is {threshold:g}, expected above 0 and up to 1"


def weigh(texts: Sequence[str]) -> Vectors:
    """
    Texts as TF-IDF over the character n-grams of their words.

    An n-gram of one text alone (a link, a slip of the keyboard) hides no likeness, so it is left out; `kept` remembers
    how much of the text that was, for in a small table it is nearly all.
    """
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, norm=None)
    if not any(text.strip() for text in texts):
        return Vectors(rows=csr_matrix((len(texts), 1)), kept=np.zeros(len(texts)))
    weights = vectoriser.fit_transform(texts)
    whole = _lengths(weights)
    weights = weights[:, np.bincount(weights.indices, minlength=weights.shape[1]) > 1]
    length = _lengths(weights)
    weights.data /= np.repeat(length, np.diff(weights.indptr))
    return Vectors(rows=weights, kept=np.divide(length, whole, out=np.zeros_like(length), where=whole > 0))


def near_pairs(vectors: Vectors, threshold: float) -> Iterator[Pairs]:
    """All pairs of texts alike at the threshold, a block at a time."""
    for candidates in _candidates(vectors.rows, threshold):
        yield _alike(vectors, candidates, threshold)


def alike_to(texts: Sequence[str], others: Sequence[str], *, threshold: float) -> NDArray[np.bool_]:
    """Which of the texts are alike, at the threshold, to one of the others; pairs among themselves are not compared."""
    if problem := threshold_problem(threshold):
        raise DataError("kin cannot be found", [problem])
    found = np.zeros(len(texts), dtype=np.bool_)
    if texts and others:
        vectors = weigh([*others, *texts])
        for candidates in _candidates(vectors.rows, threshold, apart=len(others)):
            found[_alike(vectors, candidates, threshold)[:, 1] - len(others)] = True
    return found


def _joined_by_text(groups: NDArray[np.int64], texts: Sequence[str], threshold: float) -> NDArray[np.int64]:
    """Groups joined where texts are equal or alike; pairs that are kin already are not compared."""
    folded = [" ".join(text.lower().split()) for text in texts]
    groups = _joined(groups, _equal_pairs(folded))
    first = {text: index for index, text in reversed(list(enumerate(folded)))}
    different = np.array(sorted(first.values()), dtype=np.int64)
    vectors = weigh(texts)
    vectors = Vectors(rows=vectors.rows[different], kept=vectors.kept[different])
    for candidates in _candidates(vectors.rows, threshold):
        ends = groups[different[candidates]]
        pairs = _alike(vectors, candidates[ends[:, 0] != ends[:, 1]], threshold)
        if len(pairs):
            groups = _joined(groups, different[pairs])
    return groups


def _candidates(rows: Any, threshold: float, *, apart: int = 0) -> Iterator[Pairs]:
    """Blocks of pairs among which are all that reach the threshold; with `apart`, of a row before that place and one after."""
    rest = REST * threshold
    rare = _rarest(rows, rest)
    columns = rare[apart:].T.tocsr()
    texts_with = np.diff(columns.indptr)
    products = np.concatenate([[0], np.cumsum(texts_with[rare.indices])])[rare.indptr]
    start = 0
    while start < (apart or rare.shape[0]):
        end = max(start + 1, int(np.searchsorted(products, products[start] + PRODUCTS_A_BLOCK, side="right")) - 1)
        end = min(end, apart) if apart else end
        block = (rare[start:end] @ columns).tocoo()
        # Beyond the product, one of the two rows has less than `rest` left to give, and the other is a unit.
        possible = (block.col + apart > block.row + start) & (block.data >= threshold - rest - SINGLE_PRECISION)
        yield np.stack([block.row[possible] + start, block.col[possible] + apart], axis=1).astype(np.int64)
        start = end


def _rarest(rows: Any, rest: float) -> Any:
    """Of each unit row its rarest n-grams, as many as it takes to leave less than `rest`; in 32 bits."""
    texts_with = np.bincount(rows.indices, minlength=rows.shape[1])
    rank = np.empty_like(texts_with)
    rank[np.argsort(texts_with, kind="stable")] = np.arange(len(texts_with))
    ranked = csr_matrix((rows.data.copy(), rank[rows.indices], rows.indptr.copy()), shape=rows.shape)
    ranked.sort_indices()
    summed = np.concatenate([[0.0], np.cumsum(ranked.data**2)])
    left = np.repeat(summed[ranked.indptr[1:]], np.diff(ranked.indptr)) - summed[:-1]  # from this n-gram to the commonest
    taken = left >= rest**2 - ROUNDING
    ends = np.concatenate([[0], np.cumsum(taken)])[ranked.indptr]
    return csr_matrix((ranked.data[taken].astype(np.float32), ranked.indices[taken], ends), shape=rows.shape)


def _alike(vectors: Vectors, pairs: Pairs, threshold: float) -> Pairs:
    """The pairs whose cosine reaches the threshold, and whose cosine over all n-grams comes half as far."""
    found = [pairs[:0]]
    for start in range(0, len(pairs), PAIRS_A_BLOCK):
        block = pairs[start : start + PAIRS_A_BLOCK]
        one, other = block[:, 0], block[:, 1]
        cosine = np.asarray(vectors.rows[one].multiply(vectors.rows[other]).sum(axis=1)).ravel()
        overall = cosine * vectors.kept[one] * vectors.kept[other]
        found.append(block[(cosine >= threshold - ROUNDING) & (overall >= OVERALL * threshold - ROUNDING)])
    return np.concatenate(found)


def _lengths(weights: Any) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    return lengths


def _partner_pairs(examples: Sequence[Example]) -> Pairs:
    """A pair for each recorded partner that is here."""
    places = {example.id: index for index, example in enumerate(examples)}
    links = [(index, places[name]) for index, example in enumerate(examples) for name in example.partners if name in places]
    return np.array(links, dtype=np.int64).reshape(-1, 2)


def _equal_pairs(words: Sequence[str | None]) -> Pairs:
    """Each row with the first row of the same word; rows without a word have no equal."""
    first: dict[str, int] = {}
    links = [(first.setdefault(word, index), index) for index, word in enumerate(words) if word is not None]
    return np.array(links, dtype=np.int64).reshape(-1, 2)


def _joined(groups: NDArray[np.int64], pairs: Pairs) -> NDArray[np.int64]:
    """Groups, joined where a pair of rows links two of them."""
    size = len(groups)
    links = coo_matrix((np.ones(len(pairs)), groups[pairs].T), shape=(size, size))
    _, joined = connected_components(links, directed=False)
    merged: NDArray[np.int64] = joined[groups].astype(np.int64)
    return merged


def _in_order_met(groups: NDArray[np.int64]) -> tuple[int, ...]:
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(group, len(numbers)) for group in groups.tolist())
