"""Axes put figures in their places, and their ticks are round, few and in view."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.reporting.charts.scale import Axis, axis_over

figures = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)


def test_shares_have_ticks_of_a_fifth() -> None:
    axis = Axis(name="share")
    assert [axis.says(tick) for tick in axis.ticks()] == ["0", ".2", ".4", ".6", ".8", "1"]


def test_counts_and_factors_are_written_out() -> None:
    axis = Axis(name="rows", low=100, high=24000, log=True)
    assert [axis.says(tick) for tick in axis.ticks()] == ["100", "300", "1,000", "3,000", "10,000"]
    assert axis.place(1549.2, 0, 1) == pytest.approx(0.5, abs=0.001)
    assert Axis(name="change", low=-20, high=20).says(-10) == "−10"
    assert [Axis(name="fine", low=0, high=0.1).says(tick) for tick in (0, 0.02)] == ["0", ".02"]


@given(figures, st.floats(min_value=1e-3, max_value=1e6))
def test_ticks_are_few_in_view_and_in_order(low: float, span: float) -> None:
    axis = Axis(name="any", low=low, high=low + span)
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 7
    assert ticks == sorted(ticks)
    slack = span * 1e-6
    assert all(axis.low - slack <= tick <= axis.high + slack for tick in ticks)


@given(figures, st.floats(min_value=1e-3, max_value=1e6), figures)
def test_a_place_is_always_on_the_axis(low: float, span: float, value: float) -> None:
    assert 0 <= Axis(name="any", low=low, high=low + span).place(value, 0, 100) <= 100


@given(st.lists(st.floats(min_value=0, max_value=1e4), min_size=1))
def test_an_axis_over_values_holds_them_all(values: list[float]) -> None:
    axis = axis_over("any", values)
    slack = (axis.high - axis.low) * 1e-9
    assert axis.low - slack <= min(values)
    assert max(values) <= axis.high + slack


def test_an_axis_over_counts_of_many_sizes_grows_by_factors() -> None:
    assert axis_over("rows", [100, 24000], log=True) == Axis(name="rows", low=100, high=24000, log=True)
    assert axis_over("rows", [100], log=True).high == 1000


@pytest.mark.parametrize(("low", "high", "log"), [(1, 1, False), (2, 1, False), (0, 1, True)])
def test_no_axis_goes_backwards_or_from_nothing_by_factors(low: float, high: float, log: bool) -> None:
    with pytest.raises(ValueError, match="no axis goes"):
        Axis(name="any", low=low, high=high, log=log)
