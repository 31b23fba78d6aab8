"""What is written out by hand is what autograd finds, and dropout drops as often as it should."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.models.elementwise import dropped_places, normed, normeds_change, turned, without


def test_rows_are_normed_as_by_torch_and_so_are_their_changes() -> None:
    torch.manual_seed(0)
    x, weight, given_change = torch.randn(7, 12, requires_grad=True), torch.rand(12) + 0.5, torch.randn(7, 12)
    expected = torch.nn.functional.rms_norm(x, (12,), weight, 1e-5)
    made, scale = normed(x.detach(), weight, 1e-5)
    torch.testing.assert_close(made, expected.detach(), rtol=1e-5, atol=1e-6)
    expected.backward(given_change)
    change = normeds_change(given_change.clone(), x.detach(), weight, scale)
    torch.testing.assert_close(change, x.grad, rtol=1e-4, atol=1e-6)


def test_what_is_turned_back_is_as_it_was_and_no_longer_or_shorter() -> None:
    torch.manual_seed(0)
    x, angle = torch.randn(5, 3, 8), torch.randn(5, 1, 4).repeat(1, 1, 2)
    there = turned(x, angle.cos(), angle.sin())
    assert (there - x).abs().max() > 0.1
    torch.testing.assert_close(there.norm(dim=-1), x.norm(dim=-1))
    torch.testing.assert_close(turned(there, angle.cos(), angle.sin(), -1), x)


@given(count=st.integers(1, 3000), share=st.floats(0.001, 0.95), seed=st.integers(0, 1000))
def test_places_are_in_the_row_in_order_and_never_twice(count: int, share: float, seed: int) -> None:
    torch.manual_seed(seed)
    places = dropped_places(count, share)
    assert bool((places.diff() > 0).all())
    assert not len(places) or 0 <= int(places[0]) <= int(places[-1]) < count


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_every_place_is_dropped_as_often_as_every_other_and_without_regard_to_its_neighbour(share: float) -> None:
    torch.manual_seed(1)
    dropped = torch.zeros(20_000, 8)
    for row in dropped:
        row[dropped_places(8, share)] = 1
    spread = (share * (1 - share) / len(dropped)) ** 0.5
    assert (dropped.mean(0) - share).abs().max() < 5 * spread
    both = (dropped[:, :-1] * dropped[:, 1:]).mean(0)
    assert (both - share**2).abs().max() < 5 * (share**2 / len(dropped)) ** 0.5


def test_nothing_stands_where_something_was_dropped() -> None:
    assert without(torch.ones(2, 3), torch.tensor([1, 5])).tolist() == [[1, 0, 1], [1, 1, 0]]
