"""The curve of coverage and risk by hand, and its laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.metrics.selective import aurc, coverage_risk, distance_of

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=1, max_size=60)


def columns(rows: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([int(label) for label, _ in rows]), np.array([score / 10 for _, score in rows])


def test_by_hand() -> None:
    truth, scores = np.array([1, 0, 1, 0]), np.array([0.95, 0.1, 0.3, 0.6])
    curve = coverage_risk(truth, scores, 0.5)
    assert curve.distance.tolist() == pytest.approx([0.45, 0.4, 0.2, 0.1])
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert aurc(truth, scores) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)


def test_rows_equally_far_are_one_step_on_both_sides() -> None:
    curve = coverage_risk(np.array([1, 1, 0]), np.array([0.7, 0.3, 0.9]), 0.5)
    assert curve.coverage.tolist() == pytest.approx([1 / 3, 1])
    assert curve.risk.tolist() == pytest.approx([1, 2 / 3])
    assert len(set(distance_of(np.array([0.7, 0.3]), 0.5).tolist())) == 1


@settings(deadline=None)
@given(rows, st.floats(0.05, 0.95), st.randoms(use_true_random=False))
def test_the_last_step_decides_all_and_the_order_of_rows_changes_nothing(rows, threshold: float, random) -> None:
    truth, scores = columns(rows)
    curve = coverage_risk(truth, scores, threshold)
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(np.mean((scores >= threshold) != truth))
    assert (np.diff(curve.coverage) > 0).all()
    order = list(range(len(truth)))
    random.shuffle(order)
    assert aurc(truth[order], scores[order], threshold=threshold) == pytest.approx(aurc(truth, scores, threshold=threshold))


@settings(deadline=None)
@given(rows)
def test_it_lies_between_none_and_all_wrong(rows) -> None:
    truth, scores = columns(rows)
    assert 0 <= aurc(truth, scores) <= 1
    assert aurc((scores >= 0.5).astype(np.int64), scores) == 0
    assert aurc((scores < 0.5).astype(np.int64), scores) == pytest.approx(1)


def test_being_unsure_of_the_errors_is_worth_something() -> None:
    truth = np.array([1] * 50 + [0] * 50)
    knows = np.concatenate([np.linspace(0.9, 0.6, 40), np.full(10, 0.45), np.linspace(0.1, 0.4, 50)])
    does_not = np.concatenate([np.linspace(0.9, 0.6, 40), np.full(10, 0.05), np.linspace(0.1, 0.4, 50)])
    assert aurc(truth, knows) < 0.02 < 0.2 < aurc(truth, does_not)
