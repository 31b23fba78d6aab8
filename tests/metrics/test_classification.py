"""Metrics by hand, and their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.metrics.classification import accuracy, confusion, f1_negative, f1_positive, macro_f1, precision, recall

TRUTH = np.array([1, 1, 1, 0, 0, 0, 0, 0])
SCORES = np.array([0.9, 0.5, 0.4, 0.6, 0.3, 0.2, 0.1, 0.49])


def test_by_hand() -> None:
    assert confusion(TRUTH, SCORES).tolist() == [[4, 1], [1, 2]]
    assert accuracy(TRUTH, SCORES) == 6 / 8
    assert precision(TRUTH, SCORES) == recall(TRUTH, SCORES) == pytest.approx(2 / 3)
    assert f1_positive(TRUTH, SCORES) == pytest.approx(2 / 3)
    assert f1_negative(TRUTH, SCORES) == pytest.approx(0.8)
    assert macro_f1(TRUTH, SCORES) == pytest.approx((2 / 3 + 0.8) / 2)


def test_a_score_at_the_threshold_is_positive() -> None:
    assert recall(np.array([1]), np.array([0.5])) == 1
    assert recall(np.array([1]), np.array([0.5]), threshold=0.51) == 0


def test_where_nothing_is_called_positive_precision_is_nothing_and_no_warning() -> None:
    assert precision(TRUTH, np.zeros(8)) == 0
    assert f1_positive(TRUTH, np.zeros(8)) == 0


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=50), st.floats(0, 1))
def test_swapping_the_labels_swaps_the_f1s(rows: list[tuple[bool, float]], threshold: float) -> None:
    truth, scores = np.array([int(row[0]) for row in rows]), np.array([row[1] for row in rows])
    called = (scores >= threshold).astype(float)
    assert f1_positive(truth, called) == pytest.approx(f1_negative(1 - truth, 1 - called))
    assert confusion(truth, scores, threshold=threshold).sum() == len(rows)
