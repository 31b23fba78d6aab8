import numpy as np
import pytest
from numpy.typing import NDArray

from hatetinyllm.data.corpus.mix import copies_of, mixed, order_of, read_share, wrong_shares
from hatetinyllm.data.corpus.store import UNIT


def units(*sources: int, held_out: int = -1) -> NDArray[np.void]:
    """Units of 100 characters each, by source."""
    rows = [(0, 100, 100, number * 7919 + 13, source, number == held_out) for number, source in enumerate(sources)]
    return np.array(rows, dtype=UNIT)


@pytest.mark.parametrize(
    ("word", "read"),
    [("a=40M", ("a", 40_000_000)), ("a=1.5k", ("a", 1_500)), ("a=7", ("a", 7)), ("a=x2.5", ("a", 2.5)), ("a=x2", ("a", 2.0))],
)
def test_a_share_is_so_many_characters_or_times(word: str, read: tuple[str, float]) -> None:
    found = read_share(word)
    assert found == read
    assert type(found[1]) is type(read[1])


@pytest.mark.parametrize("word", ["a", "=5", "a=", "a=5T", "a=-5", "a=xx"])
def test_what_is_no_share_is_told(word: str) -> None:
    assert wrong_shares([word], ["a"]) == [read_share(word)]


def test_shares_of_unknown_sources_and_twofold_ones_are_told() -> None:
    assert wrong_shares(["boks=5", "a=5", "a=6"], ["a", "books"]) == [
        "there is no source 'boks' (did you mean 'books'?)",
        "the source 'a' has two shares",
    ]


def test_a_source_gives_so_many_characters_and_the_smaller_amount_lies_within_the_larger() -> None:
    two = units(*[0] * 50, *[1] * 50, held_out=3)
    few, more = (copies_of(two, ["a", "b"], {"a": asked}) for asked in (1_000, 2_000))
    assert (few[:50].sum(), more[:50].sum()) == (10, 20)
    assert (few[:50] <= more[:50]).all()
    assert (few[50:] == 1).all()
    assert copies_of(two, ["a", "b"], {})[3] == 0


def test_a_small_source_is_met_several_times() -> None:
    copies = copies_of(units(*[0] * 10), ["a"], {"a": 2.5})
    assert sorted(copies.tolist()) == [2] * 5 + [3] * 5
    assert copies_of(units(*[0] * 10), ["a"], {"a": 2_500}).tolist() == copies.tolist()


def test_the_copies_of_a_unit_are_spread_over_the_epoch() -> None:
    two = units(*[0] * 10, *[1] * 190)
    order = order_of(two, copies_of(two, ["a", "b"], {"a": 4.0}), seed=1).tolist()
    for unit in range(10):
        places = [place * 4 // len(order) for place, found in enumerate(order) if found == unit]
        assert len(places) == 4
        assert len(set(places)) >= 3


def test_an_order_is_the_same_for_a_seed_and_mixes_the_sources() -> None:
    two = units(*[0] * 100, *[1] * 100)
    ones = np.ones(200, dtype=np.int64)
    first, again, other = (order_of(two, ones, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert sorted(first.tolist()) == list(range(200))
    assert 35 < (first[:100] < 100).sum() < 65


def test_draws_are_thrown_as_splitmix_throws_them() -> None:
    assert mixed(np.array([0], dtype=np.uint64), 1).tolist() == [0xE220A8397B1DCDAF]  # the first number of SplitMix64 from 0
