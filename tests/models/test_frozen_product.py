"""A product by hand is the layer's, with its gradients; a layer that does anything else is left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from hatetinyllm.models.frozen_product import Frozen, frozen_of, times, times_change
from hatetinyllm.models.hub import load
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]


def layer_of(checkpoint: Checkpoint, tuning: str, name: str = "k_proj", **options: object) -> nn.Module:
    torch.manual_seed(0)
    net = tune(load(2, id=str(checkpoint("Llama"))).net, Choice(name=tuning, options=options)).net
    layer = next(part for found, part in net.named_modules() if found.endswith(name))
    for key, parameter in layer.named_parameters():
        if "lora" in key:
            nn.init.normal_(parameter, std=0.3)
    return layer


@pytest.mark.parametrize("onto", [False, True])
def test_a_layer_with_thin_matrices_gives_the_same_by_hand(checkpoint: Checkpoint, onto: bool) -> None:
    layer = layer_of(checkpoint, "lora", rank=3, dropout=0.0)
    frozen = frozen_of(layer)
    assert frozen is not None
    x = torch.randn(6, frozen.weight.shape[1], requires_grad=True)
    past = torch.randn(6, frozen.weight.shape[0]) if onto else None
    expected = layer(x) if past is None else layer(x) + past
    made, kept = times(frozen, x.detach(), past, drops=True)
    torch.testing.assert_close(made, expected.detach())
    given = torch.randn_like(made)
    expected.backward(given)
    change, (of_down, of_up) = times_change(frozen, kept, x.detach(), given)
    torch.testing.assert_close(change, x.grad)
    torch.testing.assert_close(of_down, frozen.learnt[0].grad)
    torch.testing.assert_close(of_up, frozen.learnt[1].grad)


def test_changes_add_up_in_what_is_given_for_them() -> None:
    frozen, x, given = Frozen(weight=torch.randn(4, 5)), torch.randn(3, 5), torch.randn(3, 4)
    _, kept = times(frozen, x, drops=True)
    before = torch.randn(3, 5)
    change, by = times_change(frozen, kept, x, given, before.clone())
    torch.testing.assert_close(change, before + given @ frozen.weight)
    assert by == ()
    assert times_change(frozen, kept, x, given, wanted=False) == (None, ())


def test_what_is_dropped_is_dropped_from_the_gradients_too() -> None:
    torch.manual_seed(0)
    down, up = torch.randn(2, 50, requires_grad=True), torch.randn(4, 2, requires_grad=True)
    frozen = Frozen(weight=torch.zeros(4, 50), down=down, up=up, scaling=3.0, dropout=0.4)
    x = torch.randn(30, 50, requires_grad=True)
    made, kept = times(frozen, x.detach(), drops=True)
    assert kept.places is not None
    assert 400 < len(kept.places) < 800
    mask = torch.ones(30 * 50)
    mask[kept.places] = 0
    expected = ((x * mask.view(30, 50) / 0.6) @ down.t()) @ up.t() * 3
    torch.testing.assert_close(made, expected.detach(), rtol=1e-4, atol=1e-4)
    given = torch.randn_like(made)
    expected.backward(given)
    change, (of_down, of_up) = times_change(frozen, kept, x.detach(), given)
    for found, autograd in ((change, x.grad), (of_down, down.grad), (of_up, up.grad)):
        torch.testing.assert_close(found, autograd, rtol=1e-4, atol=1e-3)
    still, kept = times(frozen, x.detach(), drops=False)
    assert kept.places is None
    torch.testing.assert_close(still, (x.detach() @ down.t() @ up.t() * 3).detach(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("tuning", ["dora", "ia3", "houlsby", "full"])
def test_a_layer_that_does_anything_else_is_left_alone(checkpoint: Checkpoint, tuning: str) -> None:
    name = "o_proj" if tuning == "houlsby" else "k_proj"
    layer = layer_of(checkpoint, tuning, name)
    assert frozen_of(layer) is None


def test_a_layer_with_a_bias_is_left_alone() -> None:
    layer = nn.Linear(3, 4)
    layer.weight.requires_grad_(False)
    assert frozen_of(layer) is None
    assert frozen_of(nn.LayerNorm(3)) is None
