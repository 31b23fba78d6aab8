"""Rows laid out by n-gram give the products of the rows, and the rarest n-grams are those that are paid for."""

import numpy as np
import pytest

from hatetinyllm.evaluation import index as index_module
from hatetinyllm.evaluation.grams import Vectors, learn_weights, weigh
from hatetinyllm.evaluation.index import make_index, multiplied, rarest, spans

TEXTS = [
    "the weather is lovely",
    "the weather is dreadful",
    "the weather",
    "is lovely weather the",
    "lovely",
    "dreadful weather",
    "",
]


@pytest.fixture
def vectors() -> Vectors:
    return weigh(TEXTS, learn_weights(TEXTS))


@pytest.mark.parametrize("rows_a_block", [2, 100])
def test_products_are_those_of_the_rows_however_they_are_cut(rows_a_block: int, vectors, monkeypatch) -> None:
    whole = make_index(vectors)
    monkeypatch.setattr(index_module, "ROWS_A_BLOCK", rows_a_block)
    monkeypatch.setattr(index_module, "ENTRIES_A_BLOCK", 7)
    index = make_index(vectors)
    assert np.array_equal(index.texts_with, whole.texts_with)
    assert len(index.blocks) == (4 if rows_a_block == 2 else 1)
    expected = (vectors.rows @ vectors.rows.T).todense()
    assert np.allclose(multiplied(vectors.rows, index).todense(), expected, atol=1e-6)


def test_of_very_many_rows_common_n_grams_are_left_out_and_never_counted_as_compared(vectors, monkeypatch) -> None:
    monkeypatch.setattr(index_module, "ROW_PRODUCTS", 4)
    index = make_index(vectors, most_entries=1)
    assert index.most == 4
    common = index.texts_with > 4
    assert common.any()
    assert index.blocks[0][np.flatnonzero(common)].nnz == 0
    rare = rarest(vectors.rows, index, None, rest=0.0)
    whole = np.asarray(vectors.rows.multiply(vectors.rows).sum(axis=1)).ravel()
    seen = np.asarray(rare.rows.multiply(rare.rows).sum(axis=1)).ravel()
    assert not rare.rows[:, np.flatnonzero(common)].nnz
    assert np.allclose(rare.rest**2, whole - seen, atol=1e-6)


@pytest.mark.parametrize("rest", [0.0, 0.3, 0.6, 0.9])
def test_the_rarest_leave_less_than_the_rest(rest: float, vectors) -> None:
    rare = rarest(vectors.rows, make_index(vectors), None, rest=rest)
    lengths = np.sqrt(np.asarray(vectors.rows.multiply(vectors.rows).sum(axis=1)).ravel())
    assert np.all((rare.rest < rest + 1e-3) | (lengths == 0))
    assert np.all(rare.products <= rare.all_products)
    assert rest > 0 or np.array_equal(rare.products, rare.all_products)


def test_no_row_spends_more_than_it_may_but_for_its_first_n_gram(vectors) -> None:
    index = make_index(vectors)
    for most in (1, 5, 20):
        rare = rarest(vectors.rows, index, most, rest=0.0)
        one = np.diff(rare.rows.indptr) == 1
        assert np.all((rare.products <= most) | one)
        taken = [index.texts_with[rare.rows[row].indices].max(initial=0) for row in range(len(TEXTS))]
        left = [
            index.texts_with[np.setdiff1d(vectors.rows[row].indices, rare.rows[row].indices)].min(initial=99)
            for row in range(len(TEXTS))
        ]
        assert all(rarer <= commoner for rarer, commoner in zip(taken, left, strict=True))


def test_spans_hold_every_row_once() -> None:
    found = list(spans(np.array([5, 1, 1, 9, 0, 2]), 4))
    assert [(span.start, span.stop) for span in found] == [(0, 1), (1, 3), (3, 4), (4, 6)]
    assert list(spans(np.zeros(0, dtype=np.int64), 4)) == []
