"""A figure in print is every value that rounds to it."""

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.printed import Span, as_printed


@pytest.mark.parametrize(
    ("text", "digits", "low", "high"),
    [
        (".73", None, 0.725, 0.735),
        ("0.7", None, 0.65, 0.75),
        ("0.7", 2, 0.695, 0.705),
        ("73%", None, 0.725, 0.735),
        ("72.5 %", None, 0.7245, 0.7255),
        ("1.00", None, 0.995, 1.0),
        ("0.00", None, 0.0, 0.005),
    ],
)
def test_it_stands_for_what_rounds_to_it(text: str, digits: int | None, low: float, high: float) -> None:
    found = as_printed(text, "accuracy", digits=digits)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("73", "did you mean 0.73 or 73%?"),
        ("173", "shares run from 0 to 1"),
        ("-0.1", "shares run from 0 to 1"),
        ("good", "a share such as .73"),
        ("", "a share such as .73"),
        ("nan", "a share such as .73"),
        ("0,73", "a decimal comma is not read, write 0.73"),
        (",73", "write .73"),
        ("73,5 %", "write 73.5 %"),
        ("1", "to how many digits?"),
    ],
)
def test_what_is_no_share_is_told_with_the_nearest_right_one(text: str, hint: str) -> None:
    with pytest.raises(DataError, match="F1 is") as caught:
        as_printed(text, "F1")
    assert hint in caught.value.message


def test_a_figure_a_little_above_one_is_taken_for_no_percentage() -> None:
    with pytest.raises(DataError) as caught:
        as_printed("1.2", "F1")
    assert caught.value.message == "F1 is 1.2: shares run from 0 to 1"


@pytest.mark.parametrize("text", [".73", "73%", ".70"])
def test_no_fewer_digits_can_be_claimed_than_are_shown(text: str) -> None:
    with pytest.raises(DataError, match="shows 2 digits, and 1 are claimed"):
        as_printed(text, "F1", digits=1)


def test_spans_that_only_touch_do_not_meet() -> None:
    low, high, point = Span(low=0.795, high=0.805), Span(low=0.805, high=0.815), Span(low=0.805, high=0.805)
    assert not low.meets(high)
    assert low.meets(point)
    assert high.meets(point)
    assert low.meets(Span(low=0.8, high=0.9))


def test_the_nearest_number_lies_within() -> None:
    span = Span(low=0.2, high=0.4)
    assert span.nearest_to(Span(low=0.0, high=0.1)) == 0.2
    assert span.nearest_to(Span(low=0.6, high=0.7)) == 0.4
    assert span.nearest_to(Span(low=0.3, high=0.7)) == 0.3


def test_a_walk_goes_from_end_to_end() -> None:
    assert Span(low=0.5, high=0.5).walk() == [0.5]
    assert Span(low=0.0, high=1.0).walk(3) == [0.0, 0.5, 1.0]
