"""Thresholds chosen on one part and tried on another, beside the oracle."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_curve

from hatetinyllm.evaluation.operating import operating_points, sweep

TRUTH = np.array([0, 0, 0, 1, 1, 1, 0, 1])
SCORES = np.array([0.1, 0.2, 0.35, 0.3, 0.6, 0.7, 0.8, 0.9])


def test_the_sweep_is_that_of_scikit_learn(noisy_rows) -> None:
    rows = noisy_rows(120)
    found = sweep(rows.truth, np.round(rows.scores, 1))
    fpr, tpr, thresholds = roc_curve(rows.truth, np.round(rows.scores, 1), drop_intermediate=False)
    assert found.figures["fpr"] == pytest.approx(fpr)
    assert found.figures["recall"] == pytest.approx(tpr)
    assert found.thresholds[1:] == pytest.approx(thresholds[1:])
    for threshold, macro in zip(found.thresholds, found.figures["macro_f1"], strict=True):
        called = (np.round(rows.scores, 1) >= threshold).astype(int)
        assert macro == pytest.approx(f1_score(rows.truth, called, average="macro", zero_division=0))


def test_a_rule_keeps_on_dev_what_it_says() -> None:
    found = {one.rule: one for one in operating_points(TRUTH, SCORES, dev_truth=TRUTH, dev_scores=SCORES)}
    strict = found["most recall at FPR ≤ 0.01"]
    assert (strict.threshold, strict.recall, strict.fpr) == (0.9, 0.25, 0.0)
    loose = found["least FPR at recall ≥ 0.95"]
    assert (loose.threshold, loose.recall, loose.fpr) == (0.3, 1.0, 0.5)


def test_a_rule_that_nothing_keeps_calls_nothing_positive() -> None:
    scores = np.array([0.9, 0.1])
    found = {one.rule: one for one in operating_points(TRUTH, SCORES, dev_truth=np.array([0, 1]), dev_scores=scores)}
    strict = found["most recall at FPR ≤ 0.01"]
    assert (strict.threshold, strict.recall, strict.fpr) == (None, 0.0, 0.0)


def test_on_the_rows_it_was_chosen_on_a_threshold_is_the_oracle(noisy_rows) -> None:
    rows = noisy_rows(300)
    for one in operating_points(rows.truth, rows.scores, dev_truth=rows.truth, dev_scores=rows.scores):
        assert getattr(one, one.wants) == pytest.approx(one.oracle)


def test_elsewhere_the_oracle_is_no_worse(noisy_rows) -> None:
    rows, dev = noisy_rows(300, seed=1), noisy_rows(60, seed=2)
    (best, *_) = operating_points(rows.truth, rows.scores, dev_truth=dev.truth, dev_scores=dev.scores)
    assert best.macro_f1 <= best.oracle


def test_one_label_allows_no_rule() -> None:
    assert operating_points(np.ones(4), np.ones(4), dev_truth=TRUTH, dev_scores=SCORES) == ()
    assert operating_points(TRUTH, SCORES, dev_truth=np.zeros(3), dev_scores=np.zeros(3)) == ()
