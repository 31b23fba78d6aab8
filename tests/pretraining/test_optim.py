"""Matrices of blocks learn by Muon, all else by AdamW, and a checkpoint of both comes back."""

import torch
from torch import nn

from hatetinyllm.pretraining.optim import make_optimisers, set_rate


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 6, bias=False), nn.LayerNorm(6), nn.Linear(6, 2))


def step(one: nn.Module, optimisers: object) -> None:
    one(torch.arange(10)).square().sum().backward()
    optimisers.step()  # type: ignore[attr-defined]
    optimisers.zero_grad()  # type: ignore[attr-defined]


def test_each_learns_by_its_own() -> None:
    one = net()
    made = make_optimisers(one, kind="muon", learning_rate=0.1, weight_decay=0.0)
    assert [type(optimiser).__name__ for optimiser in made.optimisers] == ["Muon", "AdamW"]
    assert [len(group["params"]) for group in made.param_groups] == [2, 4]
    assert type(make_optimisers(one, kind="adamw", learning_rate=0.1, weight_decay=0.0).optimisers[0]).__name__ == "AdamW"
    assert len(make_optimisers(nn.LayerNorm(3), kind="muon", learning_rate=0.1, weight_decay=0.0).optimisers) == 1


def test_a_state_that_is_put_back_goes_on_the_same_way() -> None:
    first, second = net(), net()
    own = make_optimisers(first, kind="muon", learning_rate=0.1, weight_decay=0.1)
    step(first, own)
    other = make_optimisers(second, kind="muon", learning_rate=0.1, weight_decay=0.1)
    second.load_state_dict(first.state_dict())
    other.load_state_dict(
        {
            "state": {
                index: {key: value.clone() for key, value in values.items()}
                for index, values in own.state_dict()["state"].items()
            }
        }
    )
    for one, optimisers in ((first, own), (second, other)):
        set_rate(optimisers, 0.05)
        step(one, optimisers)
    for mine, theirs in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(mine, theirs)
