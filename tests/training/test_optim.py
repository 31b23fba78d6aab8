"""The learning rate by step and by block, and the weights that decay."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.hub import load
from hatetinyllm.training.optim import make_optimiser, rate_at, set_rate, shares_of
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice


def test_the_rate_climbs_and_falls_in_lines() -> None:
    rates = [rate_at(step, 100, learning_rate=1.0, warmup_share=0.1) for step in range(100)]
    assert rates[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert max(rates) == rates[9] == rates[10] == 1.0
    assert rates[-1] == pytest.approx(1 / 90)
    assert rate_at(0, 10, learning_rate=1.0, warmup_share=0.0) == 1.0


def test_vectors_do_not_decay() -> None:
    matrix, vector = (nn.Parameter(torch.ones(shape)) for shape in ((2, 2), (2,)))
    groups = make_optimiser({"v": vector, "m": matrix}, learning_rate=1.0, weight_decay=0.5).param_groups
    assert [(group["weight_decay"], len(group["params"])) for group in groups] == [(0.5, 1), (0.0, 1)]


def test_a_parameter_learns_at_its_share_of_the_rate() -> None:
    made = {name: nn.Parameter(torch.ones(1)) for name in ("low", "high", "other")}
    optimiser = make_optimiser(made, learning_rate=1.0, weight_decay=0.0, shares={"low": 0.25})
    set_rate(optimiser, 0.1)
    for parameter in made.values():
        parameter.grad = torch.ones(1)
    optimiser.step()  # Adam's first step is as long as the rate
    assert {name: round(1 - part.item(), 4) for name, part in made.items()} == {"low": 0.025, "high": 0.1, "other": 0.1}
    assert [len(group["params"]) for group in optimiser.param_groups] == [1, 2]


@pytest.mark.parametrize("kind", ["Llama", "OPT", "Phi", "GPT2", "GPTNeoX"])
def test_each_block_learns_at_a_share_of_the_one_above_and_the_embeddings_below_all(
    checkpoint: Callable[[str], Path], kind: str
) -> None:
    net = tune(load(2, id=str(checkpoint(kind))).net, Choice(name="full")).net
    shares = shares_of(net, 0.5)
    assert shares.keys() == dict(net.named_parameters()).keys()
    for name, share in shares.items():
        above = name.startswith("score") or "final" in name or "ln_f" in name or name.endswith("model.norm.weight")
        block = next((int(part) for part in name.split(".") if part.isdigit()), None)
        expected = 0.5 ** (1 - block) if block is not None else 1.0 if above else 0.25
        assert share == expected, name
    assert set(shares.values()) == {1.0, 0.5, 0.25}


def test_adapters_share_the_rate_of_their_block(checkpoint: Callable[[str], Path]) -> None:
    net = tune(load(2, id=str(checkpoint("Llama"))).net, Choice(name="lora")).net
    groups = make_optimiser(learning(net), learning_rate=1.0, weight_decay=0.1, shares=shares_of(net, 0.5)).param_groups
    assert {group["share"] for group in groups} == {0.5, 1.0}
    assert sum(len(group["params"]) for group in groups) == len(learning(net))
    assert shares_of(net, 1.0) == {}


def test_blocks_that_are_not_found_are_told(checkpoint: Callable[[str], Path]) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net
    net.config.num_hidden_layers = 7
    with pytest.raises(TrainingError, match="the blocks of a llama are not found"):
        shares_of(net, 0.9)


def test_the_fused_form_makes_the_same_step() -> None:
    found = []
    for fused in (False, True):
        torch.manual_seed(0)
        parameter = nn.Parameter(torch.randn(5, 3))
        optimiser = make_optimiser({"m": parameter}, learning_rate=0.1, weight_decay=0.5, fused=fused)
        for _ in range(3):
            parameter.grad = torch.randn(5, 3)
            optimiser.step()
        found.append(parameter.detach())
    assert torch.allclose(*found, atol=1e-6)
