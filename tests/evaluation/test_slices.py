"""Figures for parts of the rows; a part of few rows is only counted."""

import numpy as np

from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.evaluation.slices import by_facet, slices_of


def test_each_word_of_each_facet_is_judged(noisy_rows, hate) -> None:
    rows = noisy_rows(90)
    found = slices_of(rows, hate, threshold=0.5, draws=100, seed=1)
    assert [(one.facet, one.word, one.rows) for one in found] == [("round", "1", 30), ("round", "2", 30), ("round", "3", 30)]
    assert all(one.result is not None and one.result.rows == 30 for one in found)


def test_few_rows_are_counted_and_not_judged(noisy_rows, hate) -> None:
    found = slices_of(noisy_rows(90), hate, threshold=0.5, draws=100, seed=1, needed=31)
    assert all(one.result is None for one in found)


def test_a_row_counts_for_every_word_it_has(hate) -> None:
    rows = Rows(
        ids=("a", "b"),
        truth=np.array([1, 0]),
        scores=np.array([0.9, 0.1]),
        clusters=np.array([0, 1]),
        facets={"target": (("women", "jews"), ())},
    )
    found = by_facet(slices_of(rows, hate, threshold=0.5, draws=100, seed=1, needed=1))
    assert [(one.word, one.rows) for one in found["target"]] == [("jews", 1), ("women", 1)]
