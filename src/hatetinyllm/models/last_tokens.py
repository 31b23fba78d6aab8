"""
The last block of a decoder worked for the last token of each text only: nothing else of it is read.

Its attention needs keys and values of every token, so it is asked about all of them; what follows in the block is done for
each token by itself, so it is done for the last ones alone. This holds for any block that has one attention and works token
by token around it; whether that is so is for the caller to prove.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from torch import Tensor, nn

from hatetinyllm.models.packing import Packing

ATTENTIONS = ("self_attn", "attention", "attn")  # what blocks call theirs


class _Reached(Exception):
    """The block has asked its attention, and needs to go no further."""


def blocks_of(decoder: nn.Module) -> nn.ModuleList | None:
    """The decoder's blocks, in order; None where they are not in one list."""
    count = getattr(decoder.config, "num_hidden_layers", 0)
    return next((part for part in decoder.modules() if isinstance(part, nn.ModuleList) and len(part) == count), None)


def attention_within(block: nn.Module) -> nn.Module | None:
    """The attention of a block; None for one that is built another way."""
    return next((part for name, part in block.named_children() if name in ATTENTIONS), None)


@contextmanager
def last_tokens_only(block: nn.Module, attention: nn.Module, *, spread: bool = False) -> Iterator[None]:
    """
    While open, a call of the block with a packing gives the last token of each text, (1, B, width).

    Spread, they stand where they stood among all, (1, T, width), for a decoder that is to get back as many as it gave.
    """
    whole, attend = block.forward, attention.forward
    attended: list[Any] = []

    def stop_or_answer(*given: Any, **named: Any) -> Any:
        if named.get("packing") is None:
            return attend(*given, **named)
        if attended:
            return attended.pop()
        attended.append(_of_last(attend(*given, **named), named["packing"]))
        raise _Reached

    def work_both(hidden: Tensor, *given: Any, packing: Packing, **named: Any) -> Any:
        attended.clear()
        with instead(block, "gradient_checkpointing", False):
            try:
                whole(hidden, *given, packing=packing, **named)
            except _Reached:
                found = whole(hidden[:, packing.last], *given, packing=packing, **named)
                return _at_their_places(found, packing) if spread else found
        raise NotImplementedError("this block asked its attention without saying how the texts are packed")

    def work_last(hidden: Tensor, *given: Any, packing: Packing | None = None, **named: Any) -> Any:
        if packing is None:
            return whole(hidden, *given, **named)
        work: Callable[..., Any] = partial(work_both, packing=packing, **named)
        if block.training and getattr(block, "gradient_checkpointing", False):  # both halves are one piece to be done again
            again: Any = block._gradient_checkpointing_func
            return again(work, hidden, *given)
        return work(hidden, *given)

    with instead(block, "forward", work_last), instead(attention, "forward", stop_or_answer):
        yield


@contextmanager
def instead(module: nn.Module, name: str, value: Any) -> Iterator[None]:
    """The module has this in place of what its class gives it; one that had something of its own gets that back."""
    had = name in module.__dict__
    before = getattr(module, name, None)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before) if had else delattr(module, name)


def _of_last(found: Any, packing: Packing) -> Any:
    """An attention's answer for the last tokens; what it tells beside (weights, a cache) is passed on."""
    if isinstance(found, tuple):
        return (found[0][:, packing.last], *found[1:])
    return found[:, packing.last]


def _at_their_places(found: Any, packing: Packing) -> Any:
    """The last tokens among zeros; of a block that tells something beside, what it tells is passed on."""
    if isinstance(found, tuple):
        return (_at_their_places(found[0], packing), *found[1:])
    return found.new_zeros(1, packing.tokens, found.shape[-1]).index_copy(1, packing.last, found)
