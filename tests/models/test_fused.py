"""Blocks worked by hand give what they gave before: logits, gradients, dropout; others are left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from hatetinyllm.models.hub import load
from hatetinyllm.models.last_tokens import blocks_of
from hatetinyllm.models.packed import packed
from hatetinyllm.models.packing import pack
from hatetinyllm.models.readout import Readout
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]
TEXTS = [[3, 4, 5, 6, 7], [8], [9, 10, 11, 4, 4, 5] * 4, [5, 3]]
EVERY = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def tuned(checkpoint: Checkpoint, kind: str, tuning: str = "lora", **options: object) -> Readout:
    torch.manual_seed(0)
    net = load(2, id=str(checkpoint(kind))).net
    tune(net, Choice(name=tuning, options=options))
    for parameter in learning(net).values():
        torch.nn.init.normal_(parameter, std=0.2)  # a fresh adapter has matrices of zeros, behind which no gradient arrives
    return net


def answers(net: Readout) -> tuple[Tensor, dict[str, Tensor]]:
    """Logits and gradients."""
    net.zero_grad()
    logits = net(pack(TEXTS))
    logits.square().sum().backward()
    grads = {name: parameter.grad.clone() for name, parameter in learning(net).items() if parameter.grad is not None}
    return logits.detach(), grads


def same(left: dict[str, Tensor], right: dict[str, Tensor], most: float = 1e-5) -> None:
    assert left.keys() == right.keys()
    for name, gradient in left.items():
        assert float((gradient - right[name]).norm()) <= most * float(gradient.norm()) + 1e-7, name


@pytest.mark.parametrize("kind", ["Llama", "Mistral"])  # Mistral's window is shorter than a text
@pytest.mark.parametrize("layers", [("k_proj", "v_proj"), EVERY, ("down_proj",)])
def test_by_hand_the_logits_and_gradients_are_the_blocks_own(
    checkpoint: Checkpoint, kind: str, layers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    net = tuned(checkpoint, kind, layers=layers, dropout=0.0).train()
    with packed(net) as layout:
        assert layout.by_hand
        logits, gradients = answers(net)
    monkeypatch.setattr("hatetinyllm.models.fused.BLOCKS", ())
    with packed(net) as layout:
        assert not layout.by_hand
        expected, theirs = answers(net)
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    same(theirs, gradients)


@pytest.mark.parametrize(("kind", "tuning"), [("OPT", "lora"), ("Phi", "lora"), ("Llama", "houlsby"), ("Llama", "full")])
def test_other_blocks_are_left_alone(checkpoint: Checkpoint, kind: str, tuning: str) -> None:
    with packed(tuned(checkpoint, kind, tuning)) as layout:
        assert layout.attention
        assert not layout.by_hand


def test_afterwards_the_blocks_are_as_they_were(checkpoint: Checkpoint) -> None:
    net = tuned(checkpoint, "Llama")
    with packed(net) as layout:
        assert layout.by_hand
    assert all("forward" not in vars(block) for block in blocks_of(net.decoder) or ())


def test_what_is_computed_again_gives_the_same_with_dropout_too(checkpoint: Checkpoint) -> None:
    net = tuned(checkpoint, "Llama", dropout=0.3).train()
    with packed(net):
        torch.manual_seed(3)
        once, gradients = answers(net)
        net.decoder.activation_checkpointing_enable({"use_reentrant": False})  # type: ignore[operator]
        torch.manual_seed(3)
        again, theirs = answers(net)
        torch.manual_seed(4)
        other, _ = answers(net)
    torch.testing.assert_close(once, again)
    same(gradients, theirs)
    assert (once - other).abs().max() > 1e-3


def test_frozen_weights_of_16_bits_give_nearly_the_same(checkpoint: Checkpoint) -> None:
    net = tuned(checkpoint, "Llama", dropout=0.0).train()
    with packed(net):
        expected, _ = answers(net)
    for parameter in net.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16), packed(net) as layout:
        assert layout.by_hand
        logits, gradients = answers(net)
    assert 0 < (logits - expected).abs().max() < 0.05 * expected.abs().max()
    assert all(gradient.dtype is torch.float32 for gradient in gradients.values())
