"""Calibration by hand and against scikit-learn; ties and the order of rows change nothing."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from hatetinyllm.metrics.calibration import bin_of, brier, ece_pos, ece_pos_adaptive, nll, reliability

rows = st.lists(
    st.tuples(st.booleans(), st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.2, 0.5, 1.0]))), min_size=1, max_size=80
)


def columns(rows: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([int(label) for label, _ in rows]), np.array([score for _, score in rows])


def test_by_hand() -> None:
    truth, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.9, 0.1, 0.3])
    # The two rows at .9 share a bin: half of them positive. The others stand alone.
    assert ece_pos(truth, scores) == pytest.approx((2 * 0.4 + 0.9 + 0.3) / 4)
    assert brier(truth, scores) == pytest.approx((0.01 + 0.81 + 0.81 + 0.09) / 4)
    assert nll(truth, scores) == pytest.approx(-(math.log(0.9) + 2 * math.log(0.1) + math.log(0.7)) / 4)


@settings(deadline=None)
@given(rows)
def test_losses_are_those_of_scikit_learn(rows: list[tuple[bool, float]]) -> None:
    truth, scores = columns(rows)
    inner = np.clip(scores, 1e-6, 1 - 1e-6)
    assert nll(truth, inner) == pytest.approx(log_loss(truth, inner, labels=[0, 1]))
    assert brier(truth, scores) == pytest.approx(
        brier_score_loss([*truth, 0, 1], [*scores, 0.0, 1.0]) * (len(truth) + 2) / len(truth)
    )


def test_a_certain_row_that_is_wrong_costs_much_and_not_everything() -> None:
    assert nll(np.array([1]), np.array([0.0])) == pytest.approx(-math.log(1e-7))
    assert nll(np.array([1]), np.array([1.0])) == pytest.approx(0, abs=1e-6)


@settings(deadline=None)
@given(rows)
def test_the_error_is_that_of_the_table(rows: list[tuple[bool, float]]) -> None:
    truth, scores = columns(rows)
    for metric, equal_mass in ((ece_pos, False), (ece_pos_adaptive, True)):
        table = reliability(truth, scores, equal_mass=equal_mass)
        assert sum(one.rows for one in table) == len(rows)
        error = sum(one.rows * abs(one.share_positive - one.mean_score) for one in table) / len(rows)
        assert metric(truth, scores) == pytest.approx(error)
        for one in table:
            assert one.low - 1e-12 <= one.mean_score <= one.high + 1e-12
        assert all(one.high <= other.low + 1e-12 for one, other in itertools.pairwise(table))


@settings(deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[bool, float]], random) -> None:
    truth, scores = columns(rows)
    order = list(range(len(truth)))
    random.shuffle(order)
    for metric in (ece_pos, ece_pos_adaptive, brier, nll):
        assert metric(truth[order], scores[order]) == pytest.approx(metric(truth, scores))


@settings(deadline=None)
@given(rows)
def test_equal_scores_share_a_bin(rows: list[tuple[bool, float]]) -> None:
    _, scores = columns(rows)
    for equal_mass in (False, True):
        places = bin_of(scores, equal_mass=equal_mass)
        assert 0 <= places.min() <= places.max() <= 14
        assert all(len(set(places[scores == score].tolist())) == 1 for score in scores.tolist())


def test_bins_of_equal_mass_hold_equally_many_rows() -> None:
    scores = np.random.default_rng(0).permutation(np.linspace(0.2, 0.21, 150))
    assert np.bincount(bin_of(scores, equal_mass=True)).tolist() == [10] * 15
    assert len(reliability(np.zeros(150, dtype=np.int64), scores)) == 1  # all within .20 to .27


def test_a_score_on_a_border_belongs_to_the_upper_bin_and_one_is_in_the_last() -> None:
    assert bin_of(np.array([0.0, 0.2, 1.0]), bins=5).tolist() == [0, 1, 4]
    assert bin_of(np.array([0.6]), bins=15).tolist() == [9]


def test_half_of_rows_at_one_score_go_to_the_bin_of_their_middle() -> None:
    scores = np.array([0.1] * 30 + [0.5] * 60 + [0.9] * 30)
    assert sorted(set(bin_of(scores, bins=4, equal_mass=True).tolist())) == [0, 2, 3]


def test_true_probabilities_have_an_error_near_nothing_and_shifted_ones_the_shift() -> None:
    generator = np.random.default_rng(3)
    scores = generator.uniform(0.1, 0.8, 40_000)
    truth = (generator.uniform(size=len(scores)) < scores).astype(np.int64)
    for metric in (ece_pos, ece_pos_adaptive):
        assert metric(truth, scores) < 0.02
        assert metric(truth, scores + 0.1) == pytest.approx(0.1, abs=0.02)
