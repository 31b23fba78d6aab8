"""The loss worked some tokens at a time is the plain cross-entropy, and so are its gradients."""

import pytest
import torch
from torch.nn.functional import cross_entropy, linear

from hatetinyllm.models import foretelling
from hatetinyllm.models.foretelling import foretell


@pytest.mark.parametrize("with_bias", [False, True])
def test_it_is_the_cross_entropy(with_bias: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foretelling, "TOKENS", 5)  # the last part is a lesser one
    torch.manual_seed(0)
    hidden, matrix = torch.randn(2, 6, 8, requires_grad=True), torch.randn(20, 8, requires_grad=True)
    bias = torch.randn(20, requires_grad=True) if with_bias else None
    goals = torch.randint(0, 20, (2, 6))
    learnt = [part for part in (hidden, matrix, bias) if part is not None]
    plain = cross_entropy(linear(hidden, matrix, bias).flatten(0, 1), goals.flatten(), reduction="sum")
    expected = torch.autograd.grad(plain / 12, learnt)
    found = foretell(hidden, matrix, goals, bias=bias, half=False)
    torch.testing.assert_close(found, plain)
    for own, other in zip(torch.autograd.grad(found / 12, learnt), expected, strict=True):
        torch.testing.assert_close(own, other, atol=1e-5, rtol=1e-4)


def test_16_bits_are_near() -> None:
    torch.manual_seed(0)
    hidden, matrix, goals = torch.randn(30, 8), torch.randn(20, 8), torch.randint(0, 20, (30,))
    exact, near = (float(foretell(hidden, matrix, goals, half=half)) for half in (False, True))
    assert near == pytest.approx(exact, rel=0.01)
    assert near != exact


def test_nothing_learns_where_nothing_can() -> None:
    with torch.no_grad():
        assert float(foretell(torch.zeros(3, 4), torch.zeros(10, 4), torch.tensor([1, 2, 3]))) == pytest.approx(
            3 * 2.302585, rel=1e-3
        )
