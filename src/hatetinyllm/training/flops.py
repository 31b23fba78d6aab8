"""
The useful operations of a training step, counted from the linear layers of a net and from what learns in it.

A layer of `inputs * outputs` weights takes, for each row that is worked,

    2 * inputs * outputs    forward
    2 * inputs * outputs    the gradient of its input, where anything that comes before it learns
    2 * inputs * outputs    the gradient of its weights, where they learn

A row is a token; at the readout it is a text. Where the last block is worked for the last tokens alone (`models/last_tokens.py`),
only its attention is worked for every token, with all its four matrices (with two where blocks are worked by hand: there the
last tokens alone ask, and get an answer); what follows it has a row a text.
What is padded, skipped, kept from before, or worked twice to save memory is not counted. Left out are the products of
attention itself (queries with keys, and with values), vectors, norms, and what an adapter does with whole matrices
beside its layers (DoRA's norms): the count is too low by them, never too high.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from hatetinyllm.models.last_tokens import attention_within, blocks_of
from hatetinyllm.models.readout import Readout, pad_right

PROBE = (0, 0, 0)  # a text of so many tokens: their number tells rows that are tokens from the one that is a text


@dataclass(frozen=True, kw_only=True)
class Work:
    """The operations of one row of each kind, forward and backward."""

    token: int  # up to the attention of the last block
    tail: int  # after it
    text: int  # at the readout

    def flops(self, *, texts: int, tokens: int, last_only: bool) -> int:
        """Of a step with so many texts, and tokens in all."""
        return self.token * tokens + self.tail * (texts if last_only else tokens) + self.text * texts


def flops_of(net: nn.Module, *, texts: int, tokens: int, last_only: bool, by_hand: bool = False) -> int:
    """The useful operations of learning from some texts; for many steps ask `work_of` once."""
    return work_of(net, by_hand=by_hand).flops(texts=texts, tokens=tokens, last_only=last_only)


def work_of(net: nn.Module, *, frozen_blocks: int = 0, by_hand: bool = False) -> Work:
    """
    What a row costs, without the lowest blocks where what they give is kept from before.

    The net reads three tokens, to show which of its layers come after what learns.
    """
    assert isinstance(net, Readout)
    before, training = torch.is_grad_enabled(), net.training
    net.eval()  # nothing is dropped out: the chance of the run stays as it is
    try:
        torch.set_grad_enabled(True)
        with _counting(net, frozen_blocks, by_hand=by_hand) as counted:
            net(*pad_right([PROBE], net.device))
    finally:
        torch.set_grad_enabled(before)
        net.train(training)
    return Work(**counted)


@contextmanager
def _counting(net: Readout, frozen_blocks: int, *, by_hand: bool) -> Iterator[dict[str, int]]:
    """While open, every layer that is called adds what one of its rows costs."""
    counted = {"token": 0, "tail": 0, "text": 0}
    blocks = blocks_of(net.decoder)
    attention: Any = attention_within(blocks[-1]) if blocks else None
    kept = {part for block in list(blocks or [])[:frozen_blocks] for part in block.modules()}
    worked = [part for part in net.modules() if isinstance(part, nn.Linear | Conv1D) and part not in kept]
    place = ["token"]

    def count(layer: Any, given: tuple[Any, ...]) -> None:
        inputs, outputs = size_of(layer)
        rows = given[0].numel() // inputs
        products = 1 + given[0].requires_grad + layer.weight.requires_grad
        counted["text" if rows < len(PROBE) else place[0]] += 2 * inputs * outputs * products

    def turn(*_: object) -> None:
        place[0] = "tail"

    def turn_back(*_: object) -> None:
        place[0] = "token"

    hooks = []
    if attention and by_hand:  # before those that count
        hooks += [part.register_forward_pre_hook(turn) for part in (attention.q_proj, attention.o_proj)]
        hooks.append(attention.q_proj.register_forward_hook(turn_back))
    hooks += [layer.register_forward_pre_hook(count) for layer in worked]
    if attention:
        hooks.append(attention.register_forward_hook(turn))
    try:
        yield counted
    finally:
        for hook in hooks:
            hook.remove()


def size_of(layer: nn.Linear | Conv1D) -> tuple[int, int]:
    """How many numbers go into a linear layer, and come out; its weights may be kept in another form."""
    return (int(layer.nx), int(layer.nf)) if isinstance(layer, Conv1D) else (layer.in_features, layer.out_features)
