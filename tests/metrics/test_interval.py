"""The bootstrap of counts is the bootstrap of rows, and covers what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.classification import (
    accuracy,
    balanced_accuracy,
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
from hatetinyllm.metrics.interval import OF_COUNTS, bootstrap, mean_confusion, of_counts
from hatetinyllm.types import Result

OF_ROWS = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "f1_negative": f1_negative,
    "f1_positive": f1_positive,
    "fnr": fnr,
    "fpr": fpr,
    "macro_f1": macro_f1,
    "mcc": mcc,
    "precision": precision,
    "recall": recall,
    "weighted_f1": weighted_f1,
}
CONFUSION = [[150, 50], [30, 170]]


def rows_of(tn: int, fp: int, fn: int, tp: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([0] * (tn + fp) + [1] * (fn + tp)), np.array([0.0] * tn + [1.0] * fp + [0.0] * fn + [1.0] * tp)


@given(st.tuples(*[st.integers(0, 9)] * 4).filter(any))
def test_metrics_of_counts_are_those_of_rows(counts: tuple[int, int, int, int]) -> None:
    assert set(OF_COUNTS) == set(OF_ROWS)
    for name, metric in OF_ROWS.items():
        assert of_counts(np.array([counts], dtype=float), name)[0] == pytest.approx(metric(*rows_of(*counts)), nan_ok=True)


@pytest.mark.parametrize("metric", sorted(OF_ROWS))
def test_drawing_counts_is_drawing_rows(metric: str) -> None:
    truth, scores = rows_of(*CONFUSION[0], *CONFUSION[1])
    generator = np.random.default_rng(1)
    drawn = [OF_ROWS[metric](truth[pick], scores[pick]) for pick in generator.integers(0, len(truth), size=(600, len(truth)))]
    low, high = bootstrap(CONFUSION, metric, 0)
    expected = np.quantile(drawn, [0.025, 0.975])
    assert [low, high] == pytest.approx(expected, abs=0.01)
    assert low < OF_ROWS[metric](truth, scores) < high


def test_the_same_seed_gives_the_same_interval() -> None:
    assert bootstrap(CONFUSION, "f1_positive", 7) == bootstrap(CONFUSION, "f1_positive", 7)
    assert bootstrap(CONFUSION, "f1_positive", 7) != bootstrap(CONFUSION, "f1_positive", 8)


def test_more_rows_give_a_narrower_interval_and_perfect_answers_none() -> None:
    few, many = (bootstrap(np.array(CONFUSION) * times, "accuracy", 0) for times in (1, 100))
    assert many[1] - many[0] == pytest.approx((few[1] - few[0]) / 10, rel=0.15)
    assert bootstrap([[10, 0], [0, 10]], "accuracy", 0) == (1.0, 1.0)


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    generator, hits = np.random.default_rng(5), 0
    for seed in range(200):
        counts = generator.multinomial(300, [0.4, 0.15, 0.1, 0.35]).reshape(2, 2)
        low, high = bootstrap(counts, "accuracy", seed, draws=400)
        hits += low <= 0.75 <= high
    assert 178 <= hits <= 199  # 95 % of 200 is 190, give or take four standard deviations


def test_a_question_about_rows_that_are_not_there_has_no_interval() -> None:
    with pytest.raises(DataError, match="one label only"):
        bootstrap([[0, 0], [3, 4]], "fpr", 0)
    low, high = bootstrap([[1, 1], [30, 40]], "fpr", 0)  # some draws have no negative row
    assert (low, high) == (0.0, 1.0)


@pytest.mark.parametrize("counts", [[[1, 2]], [[0, 0], [0, 0]], [[-1, 2], [3, 4]]])
def test_what_is_no_table_of_counts_is_refused(counts: list[list[int]]) -> None:
    with pytest.raises(DataError, match="counts of two labels"):
        bootstrap(counts, "accuracy", 0)


def test_an_unknown_metric_is_told() -> None:
    with pytest.raises(DataError, match="did you mean 'accuracy'"):
        bootstrap(CONFUSION, "acuracy", 0)


def test_the_mean_confusion_puts_the_negative_label_first() -> None:
    def result(tp: int) -> Result:
        confusion = {"hate": {"hate": tp, "not_hate": 10 - tp}, "not_hate": {"hate": 1, "not_hate": 9}}
        return Result(
            name="test", head="hate", positive="hate", rows=20, prevalence=0.5, threshold=0.5, metrics={}, confusion=confusion
        )

    assert mean_confusion([result(6), result(9)]) == [[9.0, 1.0], [2.5, 7.5]]
