"""Metrics of order against every pair, every threshold, and scikit-learn."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_curve

from hatetinyllm.metrics.ranking import (
    OF_LEVELS,
    auprc,
    auroc,
    ends_of,
    fpr_at_tpr_90,
    fpr_at_tpr_95,
    levels_of,
    tpr_at_fpr_01,
    tpr_at_fpr_05,
)

Drawn = list[tuple[bool, int]]
METRICS = (auroc, auprc, fpr_at_tpr_90, fpr_at_tpr_95, tpr_at_fpr_01, tpr_at_fpr_05)

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40)


def columns(rows: Drawn) -> tuple[np.ndarray, np.ndarray]:
    return np.array([int(label) for label, _ in rows]), np.array([float(score) for _, score in rows])


def both_labels(rows: Drawn) -> tuple[np.ndarray, np.ndarray]:
    return columns([*rows, (True, 3), (False, 2)])


@settings(deadline=None)
@given(rows)
def test_it_is_the_share_of_pairs_in_order(rows: Drawn) -> None:
    positives, negatives = ([score for label, score in rows if label is wanted] for wanted in (True, False))
    found = auroc(*columns(rows))
    if not positives or not negatives:
        assert math.isnan(found)
        return
    pairs = [(high > low) + 0.5 * (high == low) for high in positives for low in negatives]
    assert found == pytest.approx(sum(pairs) / len(pairs))


@settings(deadline=None)
@given(rows)
def test_average_precision_is_the_sum_of_steps(rows: Drawn) -> None:
    truth, scores = both_labels(rows)
    area, before = 0.0, 0.0
    for level in sorted(set(scores.tolist()), reverse=True):
        here = truth[scores >= level]
        area += (here.sum() / truth.sum() - before) * here.mean()
        before = here.sum() / truth.sum()
    assert auprc(truth, scores) == pytest.approx(area) == pytest.approx(average_precision_score(truth, scores))


@settings(deadline=None)
@given(rows)
def test_operating_points_are_the_best_of_all_thresholds(rows: Drawn) -> None:
    truth, scores = both_labels(rows)
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    for metric, reached in ((fpr_at_tpr_90, 0.90), (fpr_at_tpr_95, 0.95)):
        assert metric(truth, scores) == pytest.approx(false[true >= reached].min())
    for metric, allowed in ((tpr_at_fpr_01, 0.01), (tpr_at_fpr_05, 0.05)):
        assert metric(truth, scores) == pytest.approx(true[false <= allowed].max())


def test_a_share_that_is_reached_exactly_is_reached() -> None:
    truth = np.array([1] * 10 + [0] * 100)
    scores = np.concatenate([np.linspace(1.0, 0.9, 9), [0.1], np.linspace(0.8, 0.2, 100)])
    assert fpr_at_tpr_90(truth, scores) == 0
    assert fpr_at_tpr_95(truth, scores) == 1
    scores[9:11] = 0.5, 0.95  # one negative of a hundred stands among the positives
    assert tpr_at_fpr_01(truth, scores) == 0.9


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("label", [0, 1])
def test_one_label_alone_is_not_a_number(metric: Callable[..., float], label: int) -> None:
    assert math.isnan(metric(np.full(4, label), np.array([0.1, 0.2, 0.3, 0.4])))


@settings(deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_a_rising_function_change_nothing(rows: Drawn, random) -> None:
    truth, scores = both_labels(rows)
    order = list(range(len(truth)))
    random.shuffle(order)
    for metric in METRICS:
        assert metric(truth[order], np.exp(scores[order])) == pytest.approx(metric(truth, scores))


def test_scores_that_are_all_the_same_find_all_or_nothing() -> None:
    truth, scores = np.array([1, 0, 0, 0]), np.full(4, 0.5)
    assert [metric(truth, scores) for metric in METRICS] == [0.5, 0.25, 1.0, 1.0, 0.0, 0.0]


@settings(deadline=None)
@given(rows)
def test_the_forms_of_levels_are_the_metrics(rows: Drawn) -> None:
    truth, scores = both_labels(rows)
    levels = levels_of(truth, scores)
    running = levels.true[None].astype(float), levels.false[None].astype(float)
    for metric in METRICS:
        assert OF_LEVELS[metric.__name__](*running)[0] == pytest.approx(metric(truth, scores))


def test_levels_count_the_rows_from_each_score_on() -> None:
    levels = levels_of(np.array([1, 0, 1, 0]), np.array([0.9, 0.9, 0.4, 0.1]))
    assert levels.thresholds.tolist() == [math.inf, 0.9, 0.4, 0.1]
    assert (levels.true.tolist(), levels.false.tolist()) == ([0, 1, 2, 2], [0, 1, 1, 2])
    assert ends_of(np.array([3.0, 3.0, 1.0])).tolist() == [0, 2, 3]
