"""Curves against scikit-learn, and what is left out of them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve, roc_curve

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.classification import f1_positive, fpr, precision, recall
from hatetinyllm.metrics.curve import by_threshold, precision_recall, roc, thinned
from hatetinyllm.metrics.ranking import auprc, auroc

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), max_size=40)


def columns(rows: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = [*rows, (True, 5), (False, 3)]
    return np.array([int(label) for label, _ in rows]), np.array([score / 8 for _, score in rows])


def many(count: int = 5000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    truth = (generator.uniform(size=count) < 0.1).astype(np.int64)
    return truth, np.clip(0.4 + 0.2 * truth + generator.normal(0, 0.15, count), 0, 1)


@settings(deadline=None)
@given(rows)
def test_the_points_are_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    truth, scores = columns(rows)
    curve = roc(truth, scores, points=None)
    false, true, thresholds = roc_curve(truth, scores, drop_intermediate=False)
    assert curve.fpr == pytest.approx(false)
    assert curve.tpr == pytest.approx(true)
    assert curve.thresholds == pytest.approx(thresholds)
    assert curve.area == pytest.approx(auroc(truth, scores))
    found = precision_recall(truth, scores, points=None)
    expected = precision_recall_curve(truth, scores)  # the lowest threshold first, and a last point of its own
    assert found.precision == pytest.approx(expected[0][-2::-1])
    assert found.recall == pytest.approx(expected[1][-2::-1])
    assert found.prevalence == pytest.approx(truth.mean()) == pytest.approx(found.precision[-1])
    assert np.sum(np.diff(found.recall, prepend=0) * found.precision) == pytest.approx(auprc(truth, scores))


@settings(deadline=None)
@given(rows)
def test_figures_by_threshold_are_the_metrics_at_it(rows: list[tuple[bool, int]]) -> None:
    truth, scores = columns(rows)
    found = by_threshold(truth, scores, points=None)
    assert found.thresholds.tolist() == sorted(set(scores.tolist()))
    for place, threshold in enumerate(found.thresholds.tolist()):
        assert found.called[place] == pytest.approx(np.mean(scores >= threshold))
        for column, metric in ((found.precision, precision), (found.recall, recall), (found.fpr, fpr), (found.f1, f1_positive)):
            assert column[place] == pytest.approx(metric(truth, scores, threshold=threshold))


def test_thinning_keeps_the_ends_and_the_shape() -> None:
    truth, scores = many()
    whole, thin = roc(truth, scores, points=None), roc(truth, scores, points=100)
    assert len(whole.fpr) > 4000
    assert 50 <= len(thin.fpr) <= 100
    assert (thin.fpr[0], thin.tpr[0], thin.thresholds[0]) == (0, 0, math.inf)
    assert (thin.fpr[-1], thin.tpr[-1]) == (1, 1)
    assert thin.area == pytest.approx(auroc(truth, scores), abs=0.002)
    assert np.hypot(np.diff(thin.fpr), np.diff(thin.tpr)).max() < 0.03  # no stretch is left bare
    for curve, of_all in (
        (precision_recall(truth, scores, points=60), precision_recall(truth, scores, points=None)),
        (by_threshold(truth, scores, points=60), by_threshold(truth, scores, points=None)),
    ):
        assert 30 <= len(curve.thresholds) <= 60
        assert (curve.thresholds[0], curve.thresholds[-1]) == (of_all.thresholds[0], of_all.thresholds[-1])
        assert curve.recall[[0, -1]].tolist() == of_all.recall[[0, -1]].tolist()


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.integers(2, 12))
def test_no_more_are_kept_than_are_asked_for(values: list[float], points: int) -> None:
    along = np.cumsum(values)
    kept = thinned(along, points)
    assert len(kept) <= max(points, 2)
    assert (kept[0], kept[-1]) == (0, len(along) - 1)
    assert (np.diff(kept) > 0).all()


def test_scores_that_are_all_the_same_have_a_curve() -> None:
    truth, scores = np.array([0, 1, 1]), np.full(3, 0.5)
    assert roc(truth, scores).area == 0.5
    assert by_threshold(truth, scores).called.tolist() == [1]
    assert precision_recall(truth, scores).precision.tolist() == pytest.approx([2 / 3])


@pytest.mark.parametrize("curve", [roc, precision_recall, by_threshold])
def test_one_label_has_no_curve_and_one_point_is_none(curve) -> None:
    with pytest.raises(DataError, match="both labels"):
        curve(np.ones(3, dtype=np.int64), np.array([0.1, 0.2, 0.3]))
    with pytest.raises(DataError, match="two ends"):
        curve(*many(50), points=1)
