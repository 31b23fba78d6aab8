"""
The nearest of many texts, by the cosine of their character n-grams.

A row is first compared by its rarest n-grams alone, as many as a stated number of products allows; the best candidates are
then compared in full. What the other n-grams can still add is bounded by their length, so that most rows come with a proof
that no nearer text was passed over. The rest are compared with every text where that costs no more than a stated number of
products in all; where it would, they keep the best that was found, and `proven` says which rows those are not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.evaluation.grams import Vectors, learn_weights, weigh
from hatetinyllm.evaluation.index import ROW_PRODUCTS, Index, Rare, make_index, multiplied, rarest, spans

EXACT_PRODUCTS = 5_000_000_000  # spent in all on rows that lack a proof: a minute or two
CANDIDATES = 20  # compared in full, for each row
REST = 0.85  # of a floor: how much of a row may stay out of the first product
COVERED = 0.5  # of what a near text is to be expected to share, where the products do not reach that far
ROWS_A_BLOCK = 10_000
PRODUCTS_A_BLOCK = 20_000_000
PAIRS_A_BLOCK = 50_000
ROUNDING = 1e-4  # more than products in 32 bits can err by

Told = Callable[[int, int], None]  # rows done, of so many


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """For each text asked about, the place of its nearest (-1: no n-gram in common), their cosine, and if that is proven."""

    index: NDArray[np.int64]
    cosine: NDArray[np.float32]
    proven: NDArray[np.bool_]
    row_products: int  # what was spent on a row

    def part(self, rows: slice) -> "Nearest":
        """A window on some of the rows: what is written there is written here."""
        return Nearest(index=self.index[rows], cosine=self.cosine[rows], proven=self.proven[rows], row_products=self.row_products)

    @property
    def how(self) -> str:
        """Which way was taken, in words."""
        if self.proven.all():
            return "exact"
        return (
            f"approximate ({self.row_products:,} products a row on its rarest n-grams, the best {CANDIDATES} compared in full; "
            f"proven for {self.proven.mean():.1%} of {len(self.proven):,} rows)"
        )


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Rows that were asked about, rows of the index near them, and their cosines."""

    queries: NDArray[np.int64]
    rows: NDArray[np.int64]
    cosine: NDArray[np.float32]

    def only(self, marks: NDArray[np.bool_]) -> "Pairs":
        """Some of the pairs."""
        return Pairs(queries=self.queries[marks], rows=self.rows[marks], cosine=self.cosine[marks])


def nearest(
    train_texts: Sequence[str],
    test_texts: Sequence[str],
    *,
    row_products: int = ROW_PRODUCTS,
    exact_products: int = EXACT_PRODUCTS,
    on_rows: Told | None = None,
) -> Nearest:
    """The nearest train text of each test text; n-grams weigh what train teaches of them."""
    weights = learn_weights(train_texts)
    index = make_index(weigh(train_texts, weights))
    queries = weigh(test_texts, weights)
    return nearest_rows(index, queries, row_products=row_products, exact_products=exact_products, on_rows=on_rows)


def nearest_rows(
    index: Index,
    queries: Vectors,
    *,
    row_products: int = ROW_PRODUCTS,
    exact_products: int = EXACT_PRODUCTS,
    on_rows: Told | None = None,
) -> Nearest:
    """The nearest row of the index for each row that is asked about; the first of several equally near."""
    size = queries.rows.shape[0]
    found = Nearest(
        index=np.full(size, -1, dtype=np.int64),
        cosine=np.zeros(size, dtype=np.float32),
        proven=np.zeros(size, dtype=np.bool_),
        row_products=row_products,
    )
    costs = np.zeros(size, dtype=np.int64)
    for start in range(0, size, ROWS_A_BLOCK):
        rows = queries.rows[start : start + ROWS_A_BLOCK]
        rare = rarest(rows, index, row_products, rest=0.0)
        costs[start : start + ROWS_A_BLOCK] = rare.all_products
        for span in spans(rare.products, PRODUCTS_A_BLOCK):
            _best_of_candidates(index, rows, rare, span, found.part(slice(start, start + ROWS_A_BLOCK)))
            if on_rows:
                on_rows(start + span.stop, size)
    unproven = np.flatnonzero(~found.proven)
    if index.most is None and costs[unproven].sum() <= exact_products:
        for span in spans(costs[unproven], PRODUCTS_A_BLOCK):
            _best_of_all(index, queries, unproven[span], found)
            if on_rows:
                on_rows(size - len(unproven) + span.stop, size)
    return found


def near(index: Index, queries: Vectors, floor: float, *, row_products: int | None = None) -> Iterator[Pairs]:
    """All pairs that reach the floor, a block at a time; where `row_products` cuts a search short, most of them."""
    for start in range(0, queries.rows.shape[0], ROWS_A_BLOCK):
        rows = queries.rows[start : start + ROWS_A_BLOCK]
        rare = rarest(rows, index, row_products, rest=REST * floor)
        # Beyond the product the row has `rest` left to give, and the other is a unit.
        least = np.where(rare.rest <= REST * floor, floor - rare.rest - ROUNDING, COVERED * floor * (1 - rare.rest**2))
        for span in spans(rare.products, PRODUCTS_A_BLOCK):
            block = multiplied(rare.rows[span], index).tocoo()
            possible = block.data >= least[span][block.row]
            asked, row = block.row[possible].astype(np.int64) + span.start, block.col[possible].astype(np.int64)
            cosine = _cosines(rows, index.rows, asked, row)
            reached = cosine >= floor - ROUNDING**2
            yield Pairs(queries=asked[reached] + start, rows=row[reached], cosine=cosine[reached])


def joined(found: Sequence[Pairs]) -> Pairs:
    """Blocks of pairs as one."""
    whole = np.zeros(0, dtype=np.int64)
    return Pairs(
        queries=np.concatenate([whole, *(one.queries for one in found)]),
        rows=np.concatenate([whole, *(one.rows for one in found)]),
        cosine=np.concatenate([np.zeros(0, dtype=np.float32), *(one.cosine for one in found)]),
    )


def near_products(index: Index, queries: Vectors, floor: float) -> int:
    """What it costs to find all pairs that reach the floor."""
    blocks = (queries.rows[start : start + ROWS_A_BLOCK] for start in range(0, queries.rows.shape[0], ROWS_A_BLOCK))
    return sum(int(rarest(rows, index, None, rest=REST * floor).products.sum()) for rows in blocks)


def _best_of_candidates(index: Index, queries: Any, rare: Rare, span: slice, found: Nearest) -> None:
    """The best of those that share most of the rarest n-grams, and whether any other could be better."""
    block = multiplied(rare.rows[span], index)
    size = block.shape[0]
    chosen, bounds = [np.zeros(0, dtype=np.int64)], np.zeros(size)
    for row in range(size):
        places = slice(block.indptr[row], block.indptr[row + 1])
        partial = block.data[places]
        best = np.arange(len(partial))
        if len(partial) > CANDIDATES:
            best = np.argpartition(partial, -CANDIDATES)[-CANDIDATES:]
            bounds[row] = partial[best].min()
        chosen.append(block.indices[places][best].astype(np.int64))
    asked = np.repeat(np.arange(size) + span.start, [len(one) for one in chosen[1:]])
    rows = np.concatenate(chosen)
    cosine = _cosines(queries, index.rows, asked, rows)
    order = np.lexsort((rows, -cosine, asked))
    first = order[np.flatnonzero(np.diff(asked[order], prepend=-1))]
    found.index[asked[first]], found.cosine[asked[first]] = rows[first], np.minimum(cosine[first], 1)
    found.proven[span] = found.cosine[span] >= _most(bounds, rare.rest[span]) - ROUNDING


def _most(bound: NDArray[np.float64], rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest cosine of a unit row whose product with the rarest n-grams is at most the bound (Cauchy and Schwarz)."""
    taken = np.maximum(1 - rest**2, ROUNDING)
    most: NDArray[np.float64] = np.where(bound < taken, bound + rest * np.sqrt(np.maximum(1 - bound**2 / taken, 0)), 1.0)
    return most


def _best_of_all(index: Index, queries: Vectors, asked: NDArray[np.int64], found: Nearest) -> None:
    """Compared with every row."""
    block = multiplied(queries.rows[asked], index)
    for place, row in enumerate(asked.tolist()):
        cosine = block.data[block.indptr[place] : block.indptr[place + 1]]
        if len(cosine):
            rows = block.indices[block.indptr[place] : block.indptr[place + 1]]
            found.cosine[row] = min(cosine.max(), 1)
            found.index[row] = rows[cosine == cosine.max()].min()
    found.proven[asked] = True


def _cosines(queries: Any, rows: Any, asked: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """The cosine of each pair of rows."""
    found = [np.zeros(0, dtype=np.float32)]
    for start in range(0, len(asked), PAIRS_A_BLOCK):
        block = slice(start, start + PAIRS_A_BLOCK)
        product = queries[asked[block]].multiply(rows[chosen[block]])
        found.append(np.asarray(product.sum(axis=1), dtype=np.float32).ravel())
    return np.concatenate(found)
