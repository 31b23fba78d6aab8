"""
Calibrations: what is promised is kept through every map, kin say no more than one row, and nothing depends on the order.

The net of these tests gives negatives and positives odds of a known normal law, so that the true false-positive rate of any
threshold is in closed form: the odds at which the whole way from odds to a verdict turns positive are found by halving.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.calibration import Calibrated, Held, calibrate, folds_of, one_of_each, order_of, shown
from hatetinyllm.evaluation.rule import FORMS, rules_of
from hatetinyllm.metrics.rate import clopper_pearson
from hatetinyllm.types import Interval

MEAN, SCALE = 4.0, 3.0  # of the odds: of the positives, and less that of the negatives
PROMISE = rules_of(["fpr-1pct-95"])


def held(negatives: int, positives: int, seed: int, *, copies: int = 1, ties: int | None = None) -> Held:
    """Rows of the known law, each standing `copies` times among its kin; `ties` rounds the odds."""
    chance = np.random.default_rng(seed)
    odds = np.concatenate([chance.normal(-MEAN, SCALE, negatives), chance.normal(MEAN, SCALE, positives)])
    odds = np.repeat(odds if ties is None else odds.round(ties), copies)
    truth = np.repeat(np.repeat([0, 1], [negatives, positives]), copies)
    ids = tuple(f"row {row}" for row in range(len(odds)))
    return Held(ids=ids, truth=truth, odds=odds, groups=np.repeat(np.arange(negatives + positives), copies))


def true_fpr(found: Calibrated, mode: str) -> float:
    """The share of all negatives there could be that this mode calls positive."""
    band = found.bands.get(mode)
    if band is None:
        return 0.0
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        positive = shown(found.scaling.scores(np.array([middle])))[0] >= band.high
        low, high = (low, middle) if positive else (middle, high)
    return float(norm.sf(high, -MEAN, SCALE))


@pytest.mark.parametrize("method", ["none", "temperature", "isotonic"])
@pytest.mark.parametrize(("negatives", "simulations"), [(299, 300), (1000, 200)])
def test_a_guarantee_is_kept_through_every_map(method, negatives: int, simulations: int) -> None:
    broken = 0
    for seed in range(simulations):
        found = calibrate(held(negatives, 200, seed), PROMISE, method=method, seed=seed)
        broken += true_fpr(found, "fpr-1pct-95") > 0.01
    assert broken <= binom.ppf(0.9999, simulations, 0.05)


@pytest.mark.parametrize("method", ["none", "isotonic"])
def test_a_guarantee_is_kept_among_ties(method) -> None:
    simulations, broken = 200, 0
    for seed in range(simulations):
        found = calibrate(held(500, 200, seed, ties=0), PROMISE, method=method, seed=seed)
        band = found.bands.get("fpr-1pct-95")
        levels = np.arange(-40.0, 41.0)
        called = shown(found.scaling.scores(levels)) >= (band.high if band else 2)
        broken += float((norm.cdf(levels + 0.5, -MEAN, SCALE) - norm.cdf(levels - 0.5, -MEAN, SCALE))[called].sum()) > 0.01
    assert broken <= binom.ppf(0.9999, simulations, 0.05)


def test_copies_promise_no_more_than_one_row_each() -> None:
    once, often = (calibrate(held(298, 100, 1, copies=copies), PROMISE, method="none", seed=1) for copies in (1, 7))
    assert (once.independent, often.independent) == (298, 298)
    for found in (once, often):
        assert (found.refused["fpr-1pct-95"].has, found.refused["fpr-1pct-95"].needs) == (298, 299)
        assert "fpr-1pct-95" not in found.bands
    enough = calibrate(held(299, 100, 1, copies=7), PROMISE, method="none", seed=1)
    promise = enough.modes["fpr-1pct-95"].promise
    assert promise is not None
    assert (promise.negatives, promise.errors) == (299, 0)


def test_figures_count_every_row_and_believe_a_group_once() -> None:
    once, often = (
        calibrate(held(300, 100, 1, copies=copies), (), method="none", seed=1).modes["best-guess"] for copies in (1, 7)
    )
    for name in ("precision", "recall", "fpr"):
        one, more = once.measured[name], often.measured[name]
        assert (more.rows, more.of) == (7 * one.rows, 7 * one.of)
        assert (more.interval.low, more.interval.high) == pytest.approx((one.interval.low, one.interval.high))
        exact = clopper_pearson(one.rows, one.of)
        assert (one.interval.low, one.interval.high) == pytest.approx((exact.low, exact.high))


def test_groups_of_unlike_size_are_believed_less_than_as_many_alike() -> None:
    rows = held(100, 100, 2)
    uneven = replace(rows, groups=np.minimum(np.arange(200), 150))
    wide, narrow = (calibrate(one, (), method="none", seed=1).modes["best-guess"].measured["recall"] for one in (uneven, rows))
    assert (wide.rows, wide.of) == (narrow.rows, narrow.of)
    assert wide.interval.high - wide.interval.low > 1.2 * (narrow.interval.high - narrow.interval.low)


def test_a_share_of_nothing_may_be_anything() -> None:
    rows = Held(ids=tuple("abcd"), truth=np.array([0, 0, 1, 1]), odds=np.full(4, -9.0), groups=np.arange(4))
    nothing = calibrate(rows, (), method="none", seed=1).modes["best-guess"].measured["precision"]
    assert (nothing.share, nothing.interval) == (None, Interval(low=0.0, high=1.0))


def test_a_promise_among_kin_is_kept_where_counting_every_row_would_break_it() -> None:
    simulations, honest, naive = 200, 0, 0
    for seed in range(simulations):
        rows = held(400, 100, seed, copies=5)
        honest += true_fpr(calibrate(rows, PROMISE, method="none", seed=seed), "fpr-1pct-95") > 0.01
        strangers = Held(ids=rows.ids, truth=rows.truth, odds=rows.odds, groups=np.arange(len(rows.ids)))
        naive += true_fpr(calibrate(strangers, PROMISE, method="none", seed=seed), "fpr-1pct-95") > 0.01
    assert honest <= binom.ppf(0.9999, simulations, 0.05) < naive


def test_a_refused_mode_does_not_keep_the_others_from_being_told() -> None:
    found = calibrate(held(100, 100, 2), rules_of(FORMS), method="temperature", seed=2)
    assert set(found.refused) == {"fpr-1pct-95"}
    assert set(found.bands) == {"best-guess", "balanced", "high-precision", "high-recall", "review-10pct"} == set(found.modes)


def test_rows_that_have_chosen_promise_less() -> None:
    rows = held(2000, 100, 3)
    one, three = (
        calibrate(rows, PROMISE, method="none", seed=3, candidates=candidates).modes["fpr-1pct-95"].promise
        for candidates in (1, 3)
    )
    assert one is not None
    assert three is not None
    assert three.errors < one.errors
    assert three.candidates == 3


def test_every_mode_says_what_it_did_with_the_rows() -> None:
    rows = held(1000, 800, 4)
    found = calibrate(rows, rules_of(FORMS), method="temperature", seed=4)
    told = {name: record.measured for name, record in found.modes.items()}
    negative, positive = found.scores[rows.truth == 0], found.scores[rows.truth == 1]
    for name, band in found.bands.items():
        assert told[name]["fpr"].rows == (negative >= band.high).sum()
        assert told[name]["recall"].share == (positive >= band.high).mean()
        assert told[name]["precision"].of == (found.scores >= band.high).sum()
        assert all(one.interval.low <= (one.share or 0) <= one.interval.high for one in told[name].values())
    assert (told["high-precision"]["precision"].share or 0) >= 0.9
    assert (told["high-recall"]["recall"].share or 0) >= 0.95
    assert (told["review-10pct"]["review"].share or 0) <= 0.1
    assert (told["review-10pct"]["error"].share or 0) < ((found.scores >= 0.5) != rows.truth).mean()
    assert set(told["balanced"]) == {"precision", "recall", "fpr"}


def test_figures_before_and_after_are_told() -> None:
    found = calibrate(held(1000, 1000, 5), (), method="temperature", seed=5)
    assert set(found.before) == set(found.after) == {"nll", "brier", "ece_pos", "ece_pos_adaptive"}
    assert found.after["nll"] < found.before["nll"]


@given(st.integers(0, 50), st.randoms(), st.sampled_from(["none", "temperature", "isotonic"]))
def test_the_order_of_the_rows_changes_nothing(seed: int, chance, method) -> None:
    rows = held(40, 40, seed, copies=2)
    order = np.array(chance.sample(range(len(rows.ids)), len(rows.ids)))
    numbers = np.array(chance.sample(range(100), 80))  # of the groups, which only tell kin from strangers
    mixed = Held(
        ids=tuple(rows.ids[row] for row in order),
        truth=rows.truth[order],
        odds=rows.odds[order],
        groups=numbers[rows.groups[order]],
    )
    rules = rules_of(["balanced", "high-recall", "fpr-10pct-90", "review-20pct"])
    one, other = (calibrate(given_rows, rules, method=method, seed=9) for given_rows in (rows, mixed))
    assert (one.bands, one.modes, one.refused, one.scaling) == (other.bands, other.modes, other.refused, other.scaling)
    assert one.after == pytest.approx(other.after)


def test_the_seed_says_which_of_its_kin_a_row_stands_for() -> None:
    ids, groups = tuple(map(str, range(60))), np.arange(60) // 3
    first, same, other = (one_of_each(np.ones(60, dtype=bool), groups, order_of(ids, seed)) for seed in (1, 1, 2))
    assert first.tolist() == same.tolist() != other.tolist()
    assert sorted(groups[first]) == list(range(20))


def test_kin_share_a_fold_and_folds_are_of_one_size() -> None:
    groups = np.arange(60) // 3
    folds = folds_of(groups, order_of(tuple(map(str, range(60))), 1))
    assert all(len(set(folds[groups == group])) == 1 for group in range(20))
    assert np.bincount(folds).tolist() == [12] * 5


@pytest.mark.parametrize("label", [0, 1])
def test_rows_of_one_label_are_one_clear_error(label: int) -> None:
    with pytest.raises(DataError) as caught:
        Held(ids=("a", "b"), truth=np.full(2, label), odds=np.zeros(2), groups=np.arange(2))
    assert caught.value.problems == (f"2 rows, {2 * label} of them positive: both labels are needed",)


def test_columns_are_of_one_length() -> None:
    with pytest.raises(ValueError, match="one length"):
        Held(ids=("a", "b", "c"), truth=np.array([0, 1]), odds=np.zeros(2), groups=np.arange(2))


def test_scores_are_rounded_as_a_verdict_shows_them() -> None:
    assert shown(np.array([0.12345, 0.99995, 0.5])).tolist() == [round(0.12345, 4), round(0.99995, 4), 0.5]
