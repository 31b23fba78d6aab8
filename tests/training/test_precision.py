"""Weights that do not learn are in 16 bits for a while, and then what they were; what that changes is measured."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from hatetinyllm.models.hub import load
from hatetinyllm.training.precision import drift, halved, lacks_room, probe
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]


@pytest.mark.parametrize("kind", ["Llama", "OPT", "Phi"])
@pytest.mark.parametrize("name", [name for name in TUNINGS if name != "qlora"])
def test_what_learns_stays_in_32_bits_and_all_else_comes_back_bit_for_bit(
    checkpoint: Checkpoint, rows: Rows, kind: str, name: str
) -> None:
    torch.manual_seed(0)
    net = tune(load(2, id=str(checkpoint(kind))).net, Choice(name=name)).net
    before = {key: part.detach().clone() for key, part in net.named_parameters()}
    with halved(net):
        for key, part in net.named_parameters():
            if part.requires_grad:
                assert part.dtype is torch.float32, key
            elif part.ndim > 1:
                assert part.dtype is torch.bfloat16, key
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(torch.tensor([[3, 4, 5]]), torch.tensor([3]))
        logits.sum().backward()
        assert all(part.grad is None or part.grad.dtype is torch.float32 for part in net.parameters())
    after = dict(net.named_parameters())
    assert after.keys() == before.keys()
    assert all(torch.equal(part, before[key]) and part.dtype is torch.float32 for key, part in after.items())


def test_a_weight_that_survives_needs_no_copy_and_one_that_is_shared_stays_so() -> None:
    net = nn.ModuleDict(
        {"even": nn.Linear(4, 4, bias=False), "uneven": nn.Linear(4, 2, bias=False), "tied": nn.Linear(4, 4, bias=False)}
    )
    nn.init.constant_(net["even"].weight, 0.25)
    nn.init.constant_(net["uneven"].weight, 0.1)
    net["tied"].weight = net["even"].weight
    net.requires_grad_(False)
    with halved(net) as said:
        assert said == ("24 weights that do not learn are held in 16 bits, of which 8 are kept in 32 bits in main memory too")
        assert net["tied"].weight is net["even"].weight
    assert net["tied"].weight is net["even"].weight
    assert net["uneven"].weight.tolist() == torch.full((2, 4), 0.1).tolist()
    nn.init.constant_(net["uneven"].weight, 0.5)
    with halved(net) as said:
        assert said == "24 weights that do not learn are held in 16 bits, where none of them is rounded"


def test_weights_come_back_after_an_error() -> None:
    net = nn.Linear(2, 2).requires_grad_(False)
    before = net.weight.clone()
    with pytest.raises(KeyboardInterrupt), halved(net):
        raise KeyboardInterrupt
    assert torch.equal(net.weight, before)


def test_the_drift_is_what_changed() -> None:
    before, after = torch.tensor([[0.0, 1.0, 5.0], [2.0, 0.0, 0.0]]), torch.tensor([[0.0, -1.0, 5.0], [2.0, 1.0, 0.0]])
    found = drift(before, after, headline=2)
    assert (found.texts, found.most, found.mean, found.flipped) == (2, 2.0, 0.5, 1)
    assert str(found) == "of 2 texts logits change by at most 2, by 0.5 on average; guesses that turn: 1"


def test_no_more_than_some_rows_are_probed(checkpoint: Checkpoint, rows: Rows) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net
    many = Rows(examples=rows.examples * 5, windows=[*rows.windows] * 5, truth=rows.truth, left_out=0, cut=0)
    assert len(probe(net, many)) == len(probe(net, rows)) == 64


def test_main_memory_is_no_card() -> None:
    assert not lacks_room(torch.device("cpu"), 1 << 60)
