"""
A step of training rehearsed without numbers: what it would hold in memory, and what it would compute.

Every operation is run on tensors that have a shape and no content (torch's fake tensors), so nothing is allocated and a
net of seven billion weights takes seconds. What is noted is the graph itself, so it holds for a decoder of any shape, any
tuning and every precision. The kernels are those of a CPU; a graphics card's keep a little more or less.

Texts are learnt from as the loop lays them: packed where the net can be called so, with its last block for the last tokens
alone, and from the lowest block that learns. Whether it answers rightly then, which the loop asks the net itself, cannot be
seen without numbers.
"""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from hatetinyllm.models.attention import SEGMENTS, register
from hatetinyllm.models.fused import fused
from hatetinyllm.models.last_tokens import attention_within, blocks_of, last_tokens_only
from hatetinyllm.models.lower import begun_at, entering
from hatetinyllm.models.packing import Packing, pack
from hatetinyllm.models.readout import Readout
from hatetinyllm.training.ledger import Work, noted
from hatetinyllm.training.optim import make_optimiser
from hatetinyllm.tuning.tune import learning


@dataclass(frozen=True, kw_only=True)
class Block:
    """So many texts, each of so many tokens."""

    texts: int
    tokens: int


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a net learns from a block."""

    halved: bool = False  # the arithmetic is in 16 bits
    packs: bool = True  # texts stand in one row, if the net can be called so
    by_hand: bool = True  # blocks are worked by hand, if they can be, as they are on a CPU
    frozen_blocks: int = 0  # what enters the block above these is kept from before, if the net can begin there

    def arithmetic(self) -> torch.autocast:
        """While open, the net is called so."""
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.halved)


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The pieces a run is made of."""

    learnt: Work  # a block read, and its gradients
    descended: Work  # a step down the gradients
    read: Work  # a block read to be judged
    packed: bool  # texts stood in one row while they were learnt from
    lower: Work | None  # what enters the lowest block that learns worked out for such a block; None where nothing is kept


def rehearse(net: nn.Module, *, learnt: Block, read: Block, manner: Manner) -> Rehearsal:
    """
    Learn from one block, and read another, padded, as judging does, in the precision of the weights.

    The net lies on the meta device, is changed in place, and is of no use afterwards.
    """
    assert isinstance(net, Readout)
    packing = _pack(learnt)
    with FakeTensorMode() as mode, ExitStack() as undo:
        _give_forms(net)
        given: tuple[Any, ...] = _batch(learnt)
        lower, faked = None, _without_numbers(packing, mode)
        if packed := manner.packs and _is_made_ready(net, faked, manner, undo):
            lower, faked = _begun(net, faked, manner, undo)
            given = (faked,)
        learn = noted(net, lambda: _learn(net, given, manner))
        optimiser = make_optimiser(learning(net), learning_rate=1e-3, weight_decay=1e-3, fused=True)
        optimiser.step()  # the first one makes its state
        state = [tensor for held in optimiser.state.values() for tensor in held.values()]
        descend = noted(net, lambda: _descend(net, optimiser), also_held=state)
        optimiser.zero_grad()
        reading = noted(net, lambda: _read(net, read))
        return Rehearsal(learnt=learn, descended=descend, read=reading, packed=packed, lower=lower)


def _pack(block: Block) -> Packing:
    """One text lacks a token: texts of one length would stand in the row as attention wants them, and nothing be moved."""
    short = max(1, block.tokens - 1)
    return pack([[0] * short, *[[0] * block.tokens] * (block.texts - 1)])


def _without_numbers(packing: Packing, mode: FakeTensorMode) -> Packing:
    """All but where the texts end: attention text by text asks for it."""
    given = {name: part for name, part in vars(packing).items() if isinstance(part, Tensor) and name != "ends"}
    faked: dict[str, Any] = {name: mode.from_tensor(part) for name, part in given.items()}
    return replace(packing, **faked)


def _is_made_ready(net: Readout, packing: Packing, manner: Manner, undo: ExitStack) -> bool:
    """Set the net to take packings as `models/packed.py` does, if it takes one: its last block for the last tokens, if it can."""
    register()
    before = net.config._attn_implementation
    net.config._attn_implementation = SEGMENTS
    if not _takes(net, packing, manner):
        net.config._attn_implementation = before
        return False
    undo.callback(setattr, net.config, "_attn_implementation", before)
    blocks = blocks_of(net.decoder)
    if blocks is None:
        return True
    part = attention_within(blocks[-1])
    ways = [partial(last_tokens_only, blocks[-1], part, spread=spread) for spread in (False, True)] if part else []
    last_only = any(_is_set(net, packing, manner, way(), undo) for way in ways)
    if manner.by_hand:
        _is_set(net, packing, manner, fused(blocks, last_only=last_only), undo)
    return True


def _is_set(net: Readout, packing: Packing, manner: Manner, way: AbstractContextManager[Any], undo: ExitStack) -> bool:
    """Have the net worked another way, if it can be called so."""
    with ExitStack() as tried:
        tried.enter_context(way)
        if able := _takes(net, packing, manner):
            undo.push(tried.pop_all())
    return able


def _begun(net: Readout, packing: Packing, manner: Manner, undo: ExitStack) -> tuple[Work | None, Packing]:
    """The work below the lowest block that learns, and texts that carry what comes of it; none if the net cannot begin there."""
    if not manner.frozen_blocks or getattr(net.config, "layerdrop", False):
        return None, packing
    kind = torch.bfloat16 if manner.halved else torch.float32
    carried = replace(packing, entering=torch.empty(1, packing.tokens, net.config.hidden_size, dtype=kind))
    if not _is_set(net, carried, manner, begun_at(net, manner.frozen_blocks), undo):
        return None, packing

    def work() -> None:
        with manner.arithmetic():
            entering(net, manner.frozen_blocks, packing)

    return noted(net, work), carried


def _takes(net: Readout, packing: Packing, manner: Manner) -> bool:
    """Whether the net can be called with a packing, and answers for each text."""
    net.eval()
    try:
        with torch.no_grad(), manner.arithmetic():
            return len(net(packing)) == packing.texts
    except (RuntimeError, TypeError, ValueError, NotImplementedError, IndexError, AttributeError):
        return False


def _learn(net: nn.Module, given: tuple[Any, ...], manner: Manner) -> None:
    net.train()
    with manner.arithmetic():
        logits = net(*given)
    logits.logsumexp(dim=-1).sum().backward()  # as large as any loss of ours


def _descend(net: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()


def _read(net: nn.Module, block: Block) -> None:
    net.eval()
    halved = any(parameter.dtype is torch.bfloat16 for parameter in net.parameters())
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=halved):
        net(*_batch(block))


def _batch(block: Block) -> tuple[Tensor, Tensor]:
    return torch.zeros(block.texts, block.tokens, dtype=torch.long), torch.full((block.texts,), block.tokens)


def _give_forms(net: nn.Module) -> None:
    """Put a fake tensor in the place of every weight; what is shared stays shared."""
    made: dict[int, Tensor] = {}
    for module in net.modules():
        for held in (module._parameters, module._buffers):
            named: dict[str, Any] = held
            for name, tensor in named.items():
                if tensor is not None:
                    if id(tensor) not in made:
                        made[id(tensor)] = _alike(tensor)
                    named[name] = made[id(tensor)]


def _alike(tensor: Tensor) -> Tensor:
    empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
    return nn.Parameter(empty, requires_grad=tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty
