"""
Texts laid out to be searched: by row, and by n-gram; and which n-grams of a row are the rarest.

The layout by n-gram is cut into blocks of rows, so that a product touches memory that is near. Where there are very many rows it
leaves common n-grams out: they would cost more than a row may spend, and take half the memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from hatetinyllm.evaluation.grams import Vectors

ROW_PRODUCTS = 50_000  # spent on the rarest n-grams of each row
MOST_ENTRIES = 100_000_000  # n-grams of all rows, from which on common ones are left out
ROWS_A_BLOCK = 100_000
ENTRIES_A_BLOCK = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Index:
    """Texts that others are compared with."""

    rows: Any  # scipy csr_matrix
    blocks: tuple[Any, ...]  # its transpose, cut into blocks of rows
    kept: NDArray[np.float32]  # as in `Vectors`
    texts_with: NDArray[np.int64]  # of each n-gram
    order: NDArray[np.int32]  # the n-grams, the rarest first
    rank: NDArray[np.int32]  # the place of each in that order
    most: int | None  # n-grams of more texts are left out of the blocks


@dataclass(frozen=True, kw_only=True)
class Rare:
    """The rarest n-grams of each row, the length of what is left out of it, and what it costs to compare them, and all."""

    rows: Any
    rest: NDArray[np.float64]
    products: NDArray[np.int64]
    all_products: NDArray[np.int64]


def make_index(vectors: Vectors, *, most_entries: int = MOST_ENTRIES) -> Index:
    """Rows ready to be searched."""
    rows = vectors.rows
    texts_with = _texts_with(rows)
    order = np.argsort(texts_with, kind="stable").astype(np.int32)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.int32)
    most = ROW_PRODUCTS if rows.nnz > most_entries else None
    blocks = [
        _transposed(rows[start : start + ROWS_A_BLOCK], texts_with, most)
        for start in range(0, max(rows.shape[0], 1), ROWS_A_BLOCK)
    ]
    return Index(rows=rows, blocks=tuple(blocks), kept=vectors.kept, texts_with=texts_with, order=order, rank=rank, most=most)


def multiplied(rows: Any, index: Index) -> Any:
    """The products of rows with every row of the index."""
    found = [rows @ block for block in index.blocks]
    return found[0] if len(found) == 1 else hstack(found, format="csr")


def rarest(rows: Any, index: Index, products: int | None, *, rest: float) -> Rare:
    """Of each unit row its rarest n-grams: until less than `rest` is left, or the products are spent; one at least."""
    if index.most is not None:
        products = min(products or index.most, index.most)
    ranked = csr_matrix((rows.data, index.rank[rows.indices], rows.indptr), shape=rows.shape, copy=True)
    ranked.sort_indices()
    columns = index.order[ranked.indices]
    costs, squares = index.texts_with[columns], ranked.data.astype(np.float64) ** 2
    starts, counts = ranked.indptr[:-1], np.diff(ranked.indptr)
    summed = _summed(squares)
    taken = np.repeat(summed[ranked.indptr[1:]], counts) - summed[:-1] >= rest**2  # from this n-gram to the commonest
    if products is not None:
        spent = _summed(costs)
        taken &= spent[1:] - np.repeat(spent[starts], counts) <= products
    taken[starts[counts > 0]] = True
    if index.most is not None:
        taken &= costs <= index.most
    ends = _summed(taken.astype(np.int64))[ranked.indptr]
    left = np.diff(_summed(np.where(taken, 0, squares))[ranked.indptr])
    return Rare(
        rows=csr_matrix((ranked.data[taken], columns[taken], ends), shape=rows.shape),
        rest=np.sqrt(np.maximum(left, 0)),
        products=np.diff(_summed(np.where(taken, costs, 0))[ranked.indptr]),
        all_products=np.diff(_summed(costs)[ranked.indptr]),
    )


def spans(products: NDArray[np.int64], size: int) -> Iterator[slice]:
    """Rows in blocks of about so many products, at least one row in each."""
    summed = _summed(products)
    start = 0
    while start < len(products):
        end = max(start + 1, int(np.searchsorted(summed, summed[start] + size, side="right")) - 1)
        yield slice(start, end)
        start = end


def _texts_with(rows: Any) -> NDArray[np.int64]:
    """In how many rows each n-gram stands, counted a block at a time: to count is to copy in 64 bits."""
    counts = np.zeros(rows.shape[1], dtype=np.int64)
    for start in range(0, rows.nnz, ENTRIES_A_BLOCK):
        counts += np.bincount(rows.indices[start : start + ENTRIES_A_BLOCK], minlength=len(counts))
    return counts


def _transposed(rows: Any, texts_with: NDArray[np.int64], most: int | None) -> Any:
    """A block by n-gram."""
    if most is None:
        return rows.T.tocsr()
    stays = texts_with[rows.indices] <= most
    ends = _summed(stays.astype(np.int64))[rows.indptr].astype(np.int32)
    return csr_matrix((rows.data[stays], rows.indices[stays], ends), shape=rows.shape).T.tocsr()


def _summed(values: NDArray[Any]) -> NDArray[Any]:
    """The running sum, from 0."""
    return np.concatenate([np.zeros(1, dtype=values.dtype), np.cumsum(values)])
