"""Figures are written one way everywhere."""

import pytest

from hatetinyllm.reporting.figure import between, difference, duration, interval, share


@pytest.mark.parametrize(
    ("value", "said"), [(0.8034, ".803"), (1.0, "1.000"), (0.9999, "1.000"), (0.0, ".000"), (-0.0321, "−.032"), (None, "–")]
)
def test_shares_lose_their_zero_and_keep_their_sign(value: float | None, said: str) -> None:
    assert share(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.0123, "+.012"), (-0.0123, "−.012"), (0.0001, "+.000"), (-0.0001, "+.000"), (None, "–")]
)
def test_differences_always_have_a_sign(value: float | None, said: str) -> None:
    assert difference(value) == said


def test_intervals_and_spans() -> None:
    assert interval(0.781, 0.819) == "[.781, .819]"
    assert interval(0.78, 0.82, 2) == "[.78, .82]"
    assert between(0.9575, 1.0) == ".96 to 1.00"
    assert between(0.5, 0.501) == ".50"


def test_times_are_in_the_unit_that_suits_them() -> None:
    assert [duration(seconds) for seconds in (3.4, 89, 90, 3780, 7200)] == ["3 s", "89 s", "2 min", "63 min", "2.00 h"]
