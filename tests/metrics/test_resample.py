"""The clustered bootstrap: what is drawn, in which pairs, and that it covers the truth as often as it says."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from hatetinyllm.errors import DataError, UnknownName
from hatetinyllm.metrics import METRICS, resample
from hatetinyllm.metrics.classification import accuracy
from hatetinyllm.metrics.resample import (
    draws_of,
    interval_of,
    intervals,
    numbered,
    of_difference,
    p_of_difference,
    weights_of,
)

SHIFT = 1.0  # of the positive rows' scores, in standard deviations
ACCURACY, AUROC = norm.cdf(SHIFT / 2), norm.cdf(SHIFT / math.sqrt(2))


def made_up(rows: int, seed: int, *, of_two: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, scores and clusters; with `of_two` every row has a twin with the same truth and score."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, rows // 2 if of_two else rows)
    scores = norm.cdf(generator.normal(SHIFT * (truth - 0.5)))
    clusters = np.arange(len(truth))
    return (np.repeat(truth, 2), np.repeat(scores, 2), np.repeat(clusters, 2)) if of_two else (truth, scores, clusters)


def test_whole_clusters_are_drawn_as_often_as_there_are_clusters() -> None:
    weights = np.concatenate(list(weights_of(np.array([7, 7, 3, 9, 9, 9]), draws=5000, seed=1)))
    assert weights.shape == (5000, 3)
    assert (weights.sum(axis=1) == 3).all()
    assert weights.mean(axis=0) == pytest.approx([1, 1, 1], abs=0.05)
    assert weights.var(axis=0) == pytest.approx([2 / 3] * 3, abs=0.05)  # of a multinomial: 1 - 1/3
    assert numbered(np.array([7, 7, 3, 9])).tolist() == [1, 1, 0, 2]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = np.arange(50)
    whole = np.concatenate(list(weights_of(clusters, draws=40, seed=3)))
    monkeypatch.setattr(resample, "CELLS", 170)
    blocks = list(weights_of(clusters, draws=40, seed=3))
    assert max(len(block) for block in blocks) == 3
    assert (np.concatenate(blocks) == whole).all()


def test_the_order_of_rows_and_the_numbers_of_clusters_change_nothing() -> None:
    truth, scores, clusters = made_up(200, 0, of_two=True)
    order = np.random.default_rng(1).permutation(200)
    one = draws_of(truth, scores, clusters, METRICS, draws=30)
    other = draws_of(truth[order], scores[order], clusters[order] * 5 + 3, METRICS, draws=30)
    for name in METRICS:
        assert one[name] == pytest.approx(other[name], nan_ok=True), name


def test_one_call_draws_every_metric_from_the_same_clusters() -> None:
    truth, scores, clusters = made_up(100, 2)
    alone = draws_of(truth, scores, clusters, ["recall"], draws=20, seed=5)["recall"]
    together = draws_of(truth, scores, clusters, ["auroc", "recall"], draws=20, seed=5)["recall"]
    assert (alone == together).all()
    assert not (alone == draws_of(truth, scores, clusters, ["recall"], draws=20, seed=6)["recall"]).all()


def test_drawing_clusters_by_hand_gives_the_same() -> None:
    truth, scores, clusters = made_up(60, 4, of_two=True)
    found = draws_of(truth, scores, clusters, ["accuracy"], draws=25, seed=9)["accuracy"]
    weights = np.concatenate(list(weights_of(clusters, draws=25, seed=9))).astype(int)
    for value, often in zip(found, weights, strict=True):
        rows = np.concatenate([np.flatnonzero(clusters == cluster) for cluster in np.repeat(np.arange(30), often)])
        assert value == pytest.approx(accuracy(truth[rows], scores[rows]))


def test_an_interval_holds_the_middle_of_the_defined_draws() -> None:
    values = np.concatenate([np.linspace(0, 1, 101), [math.nan] * 11])
    found = interval_of(values)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.025, 0.975))
    assert interval_of(np.concatenate([values, [math.nan]])) is None  # more than one in ten
    assert interval_of(np.full(5, math.nan)) is None


def test_rows_of_one_label_have_intervals_of_what_needs_no_other() -> None:
    found = intervals(np.ones(30, dtype=np.int64), np.linspace(0.2, 0.9, 30), np.arange(30), METRICS, draws=50)
    assert {name for name, one in found.items() if one is None} == {
        *("auroc", "auprc", "balanced_accuracy", "fpr"),
        *("fpr_at_tpr_90", "fpr_at_tpr_95", "tpr_at_fpr_01", "tpr_at_fpr_05"),
    }


def test_two_systems_are_drawn_in_pairs() -> None:
    truth, scores, clusters = made_up(400, 6)
    worse = np.clip(scores + np.random.default_rng(7).normal(0, 0.02, 400), 0, 1)
    one, other = (draws_of(truth, either, clusters, ["auroc"])["auroc"] for either in (scores, worse))
    apart = of_difference(one, other)
    assert apart is not None
    alone = interval_of(one)
    assert alone is not None
    assert apart.high - apart.low < (alone.high - alone.low) / 4
    same = of_difference(one, one)
    assert same is not None
    assert (same.low, same.high) == (0, 0)


def test_the_p_value_counts_both_sides_and_is_never_nothing() -> None:
    nothing = np.zeros(99)
    assert p_of_difference(np.ones(99), nothing) == pytest.approx(2 / 100)
    assert p_of_difference(nothing, np.ones(99)) == pytest.approx(2 / 100)
    assert p_of_difference(nothing, nothing) == 1
    mixed = np.array([-1.0] * 9 + [1.0] * 90)
    assert p_of_difference(mixed, nothing) == pytest.approx(2 * 10 / 100)
    assert p_of_difference(np.full(99, math.nan), nothing) is None


def coverage(metric: str, truth_of_it: float, *, times: int, of_two: bool, known: bool) -> float:
    """How often the interval holds the truth; where kin are not `known` every row is a cluster of its own."""
    hits = 0
    for seed in range(times):
        truth, scores, clusters = made_up(400, 1000 + seed, of_two=of_two)
        found = intervals(truth, scores, clusters if known else np.arange(len(truth)), [metric], draws=300, seed=seed)[metric]
        assert found is not None
        hits += found.low <= truth_of_it <= found.high
    return hits / times


@pytest.mark.parametrize(("metric", "true"), [("accuracy", ACCURACY), ("auroc", AUROC)])
def test_it_covers_the_truth_about_as_often_as_it_says(metric: str, true: float) -> None:
    deviation = math.sqrt(0.95 * 0.05 / 300)
    assert coverage(metric, true, times=300, of_two=True, known=True) == pytest.approx(0.95, abs=3 * deviation)


def test_forgetting_kin_covers_too_rarely() -> None:
    # Twins carry nothing new: the interval is short by the square root of two, and 95 % becomes 83 %.
    assert coverage("accuracy", ACCURACY, times=300, of_two=True, known=False) == pytest.approx(0.834, abs=0.065)
    assert coverage("auroc", AUROC, times=100, of_two=True, known=False) < 0.92


def test_what_does_not_fit_is_told() -> None:
    truth, scores, clusters = made_up(10, 0)
    with pytest.raises(DataError, match="for every row"):
        draws_of(truth, scores, clusters[:-1], ["accuracy"])
    with pytest.raises(DataError, match="for every row"):
        draws_of(truth[:0], scores[:0], clusters[:0], ["accuracy"])
    with pytest.raises(DataError, match="1 rows have no score"):
        draws_of(truth, np.where(np.arange(10) == 3, math.nan, scores), clusters, ["accuracy"])
    with pytest.raises(DataError, match="at least one is needed"):
        draws_of(truth, scores, clusters, ["accuracy"], draws=0)
    with pytest.raises(UnknownName, match="did you mean 'accuracy'"):
        draws_of(truth, scores, clusters, ["acuracy"])


def test_nine_groups_have_no_interval_and_ten_have_one() -> None:
    truth, scores = np.tile([0, 1], 90), np.random.default_rng(0).random(180)
    for groups, there in ((9, False), (10, True)):
        found = intervals(truth, scores, np.arange(180) % groups, ["accuracy"], draws=50)
        assert (found["accuracy"] is not None) == there
