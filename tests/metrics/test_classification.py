"""Metrics by hand, and their laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, matthews_corrcoef

from hatetinyllm.metrics.classification import (
    accuracy,
    balanced_accuracy,
    confusion,
    f1_negative,
    f1_positive,
    fnr,
    fpr,
    macro_f1,
    mcc,
    precision,
    recall,
    weighted_f1,
)

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


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=50), st.floats(0, 1))
def test_swapping_the_labels_swaps_the_f1s(rows: list[tuple[bool, float]], threshold: float) -> None:
    truth, scores = np.array([int(row[0]) for row in rows]), np.array([row[1] for row in rows])
    called = (scores >= threshold).astype(float)
    assert f1_positive(truth, called) == pytest.approx(f1_negative(1 - truth, 1 - called))
    assert confusion(truth, scores, threshold=threshold).sum() == len(rows)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=60), st.floats(0, 1))
def test_they_are_those_of_scikit_learn(rows: list[tuple[bool, float]], threshold: float) -> None:
    truth, scores = np.array([0, 1, *(int(row[0]) for row in rows)]), np.array([0.2, 0.9, *(row[1] for row in rows)])
    calls = (scores >= threshold).astype(int)
    assert balanced_accuracy(truth, scores, threshold=threshold) == pytest.approx(balanced_accuracy_score(truth, calls))
    assert mcc(truth, scores, threshold=threshold) == pytest.approx(matthews_corrcoef(truth, calls), abs=1e-9)
    expected = f1_score(truth, calls, average="weighted", zero_division=0)
    assert weighted_f1(truth, scores, threshold=threshold) == pytest.approx(expected)
    assert fnr(truth, scores, threshold=threshold) == pytest.approx(1 - recall(truth, scores, threshold=threshold))
    assert fpr(truth, scores, threshold=threshold) == pytest.approx(1 - recall(1 - truth, 1.0 - calls))


def test_what_is_asked_of_a_label_without_rows_is_not_a_number() -> None:
    scores = np.array([0.1, 0.9])
    only_positive, only_negative = np.array([1, 1]), np.array([0, 0])
    assert math.isnan(fpr(only_positive, scores))
    assert fnr(only_positive, scores) == 0.5
    assert math.isnan(fnr(only_negative, scores))
    assert fpr(only_negative, scores) == 0.5
    assert math.isnan(balanced_accuracy(only_positive, scores))
    assert mcc(only_positive, scores) == 0
    assert weighted_f1(only_positive, scores) == f1_positive(only_positive, scores)
