"""Intervals of rates against scipy and closed forms, their laws, and how often they hold, computed exactly."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom, binomtest, norm

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.rate import clopper_pearson, most_errors, newcombe, rows_needed, upper_bound, wilson

counts = st.integers(1, 400).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))
levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@settings(deadline=None)
@given(counts, levels)
def test_they_are_those_of_scipy(count: tuple[int, int], level: float) -> None:
    test = binomtest(*count)
    for found, method in ((wilson(*count, level=level), "wilson"), (clopper_pearson(*count, level=level), "exact")):
        expected = test.proportion_ci(level, method=method)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    bound = binomtest(*count, alternative="less").proportion_ci(level, method="exact").high
    assert upper_bound(*count, level) == pytest.approx(bound, abs=1e-9)


def test_closed_forms() -> None:
    assert upper_bound(0, 299, 0.95) == pytest.approx(1 - 0.05 ** (1 / 299))
    assert upper_bound(3, 50, 0.9) == pytest.approx(beta.ppf(0.9, 4, 47))
    assert upper_bound(5, 5, 0.95) == 1
    z = norm.ppf(0.975)
    assert wilson(0, 20).high == pytest.approx(z**2 / (20 + z**2))
    assert (wilson(0, 20).low, wilson(20, 20).high) == (0, 1)
    assert (clopper_pearson(0, 20).low, clopper_pearson(20, 20).high) == (0, 1)


def test_where_nothing_was_tried_anything_may_be() -> None:
    for found in (wilson(0, 0), clopper_pearson(0, 0)):
        assert (found.low, found.high) == (0, 1)
    assert upper_bound(0, 0, 0.95) == 1
    apart = newcombe(0, 0, 0, 0)
    assert (apart.low, apart.high) == (-1, 1)


@settings(deadline=None)
@given(counts, levels)
def test_the_share_lies_within_and_swapping_successes_mirrors(count: tuple[int, int], level: float) -> None:
    successes, trials = count
    for interval in (wilson, clopper_pearson):
        found, other = interval(successes, trials, level=level), interval(trials - successes, trials, level=level)
        assert found.low <= successes / trials <= found.high
        assert (found.low, found.high) == pytest.approx((1 - other.high, 1 - other.low))
    assert clopper_pearson(successes, trials, level=level).high >= upper_bound(successes, trials, level) - 1e-12


@settings(deadline=None)
@given(counts, levels)
def test_more_errors_raise_a_bound_and_more_rows_lower_it(count: tuple[int, int], level: float) -> None:
    errors, trials = count
    bound = upper_bound(errors, trials, level)
    assert bound >= errors / trials - 1e-12
    assert upper_bound(errors, trials + 1, level) < bound or errors == trials == 0
    assert upper_bound(errors, trials, (1 + level) / 2) >= bound
    if errors:
        assert upper_bound(errors - 1, trials, level) < bound


def test_a_promise_of_one_percent_takes_299_rows_without_an_error() -> None:
    assert rows_needed(0.01, 0.95) == 299
    assert most_errors(299, 0.01, 0.95) == 0
    assert most_errors(298, 0.01, 0.95) is None
    assert rows_needed(0.05, 0.95) == 59
    assert rows_needed(0.01, 0.95, errors=1) == 473


@settings(deadline=None)
@given(st.floats(0.005, 0.5), st.sampled_from([0.9, 0.95, 0.99]))
def test_rows_without_an_error_have_a_closed_form(rate: float, confidence: float) -> None:
    exact = math.log(1 - confidence) / math.log(1 - rate)
    assume(abs(exact - round(exact)) > 1e-6)
    assert rows_needed(rate, confidence) == math.ceil(exact)


@settings(deadline=None)
@given(st.integers(1, 3000), st.floats(0.001, 0.9), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_most_errors_are_the_last_that_fit(trials: int, rate: float, confidence: float) -> None:
    most = most_errors(trials, rate, confidence)
    fitting = np.flatnonzero(binom.cdf(np.arange(trials + 1), trials, rate) <= 1 - confidence)  # the same said the other way
    assert most == (fitting[-1] if len(fitting) else None)
    if most is not None:
        assert upper_bound(most, trials, confidence) <= rate < upper_bound(most + 1, trials, confidence)
        assert rows_needed(rate, confidence, most) <= trials


@settings(deadline=None)
@given(st.floats(0.01, 0.5), st.integers(0, 20))
def test_rows_needed_are_the_fewest(rate: float, errors: int) -> None:
    rows = rows_needed(rate, 0.95, errors)
    assert upper_bound(errors, rows, 0.95) <= rate
    assert rows - 1 <= errors or upper_bound(errors, rows - 1, 0.95) > rate
    assert rows_needed(rate, 0.95, errors + 1) > rows


def holding(interval, trials: int, rate: float) -> float:
    """How often the interval of a count holds the rate, summed over all counts."""
    found = [interval(count, trials) for count in range(trials + 1)]
    held = np.array([one.low <= rate <= one.high for one in found])
    return float(binom.pmf(np.arange(trials + 1), trials, rate)[held].sum())


@pytest.mark.parametrize("trials", [20, 100, 300])
def test_clopper_pearson_always_holds_often_enough_and_wilson_does_on_average(trials: int) -> None:
    rates = np.linspace(0.005, 0.995, 67)
    exact = [holding(clopper_pearson, trials, rate) for rate in rates]
    around = [holding(wilson, trials, rate) for rate in rates]
    assert min(exact) >= 0.95 - 1e-12
    assert np.mean(around) == pytest.approx(0.95, abs=0.012)
    assert min(around) > 0.83
    assert np.mean(around) < np.mean(exact)


def test_a_difference_of_rates_is_newcombes() -> None:
    # Newcombe (1998), table II, method 10.
    for count, expected in {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (10, 10, 0, 20): (0.6791, 1.0),
        (0, 10, 0, 20): (-0.1611, 0.2775),
    }.items():
        found = newcombe(*count)
        assert (found.low, found.high) == pytest.approx(expected, abs=6e-5)


@settings(deadline=None)
@given(counts, counts)
def test_swapping_the_two_rates_turns_the_difference_round(one: tuple[int, int], other: tuple[int, int]) -> None:
    found, turned = newcombe(*one, *other), newcombe(*other, *one)
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))
    assert found.low <= one[0] / one[1] - other[0] / other[1] <= found.high
    assert -1 - 1e-12 <= found.low <= found.high <= 1 + 1e-12


def test_what_is_no_count_or_no_confidence_is_told_at_once() -> None:
    with pytest.raises(DataError) as caught:
        wilson(5, 4, level=95)
    assert len(caught.value.problems) == 2
    assert "5 of 4 is no count" in str(caught.value)
    assert "such as .95, got 95" in str(caught.value)
    for wrong in (0.0, 1.0, 1.5):
        with pytest.raises(DataError, match=r"such as \.01"):
            rows_needed(wrong, 0.95)
        with pytest.raises(DataError, match=r"such as \.01"):
            most_errors(100, wrong, 0.95)
