"""A known temperature is found again, a curve never turns two scores round, and neither can promise what it cannot know."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.scaling import COLDEST, HOTTEST, Scaling, cross_fitted, figures_of, fit_scaling, warnings_of
from hatetinyllm.metrics.calibration import ece_pos, nll

rows = st.lists(st.tuples(st.booleans(), st.floats(-40, 40)), min_size=4, max_size=80)


def drawn(rows: int, *, temperature: float, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows whose true odds are known, of a net that overstates them by the temperature."""
    chance = np.random.default_rng(seed)
    odds = chance.normal(scale=2, size=rows)
    return (chance.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64), odds * temperature


def columns(rows: list[tuple[bool, float]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    assume(len({label for label, _ in rows}) > 1)
    return np.array([int(label) for label, _ in rows]), np.array([odds for _, odds in rows])


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_a_known_temperature_is_found_again(temperature: float) -> None:
    truth, odds = drawn(20_000, temperature=temperature)
    assert fit_scaling(truth, odds, "temperature").temperature == pytest.approx(temperature, rel=0.05)


def test_no_temperature_has_a_lower_loss() -> None:
    truth, odds = drawn(500, temperature=2)
    found = fit_scaling(truth, odds, "temperature")
    least = min(nll(truth, Scaling(temperature=float(other)).scores(odds)) for other in np.geomspace(COLDEST, HOTTEST, 2000))
    assert nll(truth, found.scores(odds)) == pytest.approx(least, abs=1e-6)


def test_labels_that_are_told_apart_or_not_at_all_come_to_the_bounds_and_say_so() -> None:
    truth = np.array([0, 1] * 20)
    apart, astray = (fit_scaling(truth, np.where(truth == 1, sign, -sign), "temperature") for sign in (1.0, -1.0))
    assert (apart.temperature, astray.temperature) == pytest.approx((COLDEST, HOTTEST), rel=1e-3)
    assert "lowest" in warnings_of(apart)[0]
    assert "highest" in warnings_of(astray)[0]
    assert warnings_of(Scaling(temperature=2.0)) == ()


@given(rows, st.sampled_from(["temperature", "isotonic", "none"]), st.lists(st.floats(-60, 60), min_size=2, max_size=20))
def test_whatever_is_fitted_keeps_the_order_of_scores(rows: list[tuple[bool, float]], method, others: list[float]) -> None:
    truth, odds = columns(rows)
    scores = fit_scaling(truth, odds, method).scores(np.sort(np.array(others)))
    assert (np.diff(scores) >= -1e-12).all()
    assert ((scores >= 0) & (scores <= 1)).all()


@given(rows)
def test_a_curve_keeps_off_nought_and_one_by_the_rule_of_succession(rows: list[tuple[bool, float]]) -> None:
    truth, odds = columns(rows)
    curve = fit_scaling(truth, odds, "isotonic").curve
    assert curve is not None
    assert curve.values[0] >= 1 / (len(rows) + 2) - 1e-12
    assert curve.values[-1] <= 1 - 1 / (len(rows) + 2) + 1e-12


@given(rows, st.sampled_from(["temperature", "isotonic"]), st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows: list[tuple[bool, float]], method, chance) -> None:
    truth, odds = columns(rows)
    order = np.array(chance.sample(range(len(rows)), len(rows)))
    assert fit_scaling(truth, odds, method) == fit_scaling(truth[order], odds[order], method)


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_scores_that_overstate_are_mended_on_other_rows_too(method) -> None:
    found = fit_scaling(*drawn(5000, temperature=3), method)
    truth, odds = drawn(20_000, temperature=3, seed=1)
    assert ece_pos(truth, Scaling().scores(odds)) > 0.08
    assert ece_pos(truth, found.scores(odds)) < 0.02


def test_a_curve_tells_rows_apart_that_a_step_would_not() -> None:
    truth, odds = drawn(2000, temperature=3)
    scores = fit_scaling(truth, odds, "isotonic").scores(np.linspace(np.quantile(odds, 0.02), np.quantile(odds, 0.98), 200))
    assert (np.diff(scores) > 0).all()


def test_rows_that_speak_for_themselves_are_not_believed() -> None:
    truth, odds = drawn(60, temperature=1, seed=4)
    folds = np.arange(60) % 5
    honest = cross_fitted(truth, odds, "isotonic", folds)
    itself = figures_of(truth, fit_scaling(truth, odds, "isotonic").scores(odds))
    assert honest["nll"] > itself["nll"]
    assert cross_fitted(truth, odds, "none", folds) == pytest.approx(figures_of(truth, Scaling().scores(odds)))


def test_too_few_rows_to_leave_a_fold_out_have_no_figures() -> None:
    assert cross_fitted(np.array([0, 0, 1]), np.array([0.0, 1.0, 2.0]), "temperature", np.array([0, 1, 2])) == {}


@pytest.mark.parametrize("label", [0, 1])
def test_rows_of_one_label_are_one_clear_error(label: int) -> None:
    with pytest.raises(DataError, match="all 5 rows have the same label"):
        fit_scaling(np.full(5, label), np.arange(5.0), "temperature")


def test_rows_of_one_score_become_their_share() -> None:
    scores = fit_scaling(np.array([0, 0, 0, 1]), np.zeros(4), "isotonic").scores(np.array([-50.0, 0.0, 50.0]))
    assert scores == pytest.approx([1 / 6, 0.25, 0.625], abs=0.05)
