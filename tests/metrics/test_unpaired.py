"""Fisher's test against counting all tables by hand."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.unpaired import fisher


def by_hand(one: int, of_one: int, other: int, of_other: int) -> float:
    """Every table with these margins, and the chance of those no likelier than ours."""
    events = one + other
    ways = {k: comb(of_one, k) * comb(of_other, events - k) for k in range(max(0, events - of_other), min(of_one, events) + 1)}
    return sum(count for count in ways.values() if count <= ways[one]) / sum(ways.values())


counts = st.integers(0, 25).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@given(one=counts, other=counts)
def test_it_is_what_counting_all_tables_gives(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert fisher(*one, *other) == pytest.approx(by_hand(*one, *other), abs=1e-9)


@given(one=counts, other=counts)
def test_which_of_two_comes_first_changes_nothing(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert fisher(*one, *other) == pytest.approx(fisher(*other, *one))


def test_nothing_tried_tells_nothing() -> None:
    assert fisher(0, 0, 5, 9) == 1


def test_counts_that_are_none_are_refused() -> None:
    with pytest.raises(DataError, match="held against") as caught:
        fisher(3, 2, -1, 4)
    assert caught.value.problems == ("3 of 2 is no count", "-1 of 4 is no count")
