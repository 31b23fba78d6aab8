"""
The blocks of a Llama-shaped decoder worked by hand while they learn: the same sums, with less between them.

Norms, rotary positions and gates are done in few passes over memory and with their gradients written out; the residual is
added by the product itself. Only on a CPU, where memory is what time goes into, and only for blocks whose parts are all known:
any other is left as it is. Whether a block still gives the same is for the caller to prove.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import silu

from hatetinyllm.models.attention import attend_in_buckets
from hatetinyllm.models.elementwise import normed, normeds_change, turned
from hatetinyllm.models.frozen_product import Frozen, frozen_of, times, times_change
from hatetinyllm.models.last_tokens import instead
from hatetinyllm.models.packing import Packing
from hatetinyllm.models.text_attention import LONGEST, AttendInGroups

GATES = ("SiLU", "SiLUActivation")
BLOCKS = ("LlamaDecoderLayer", "MistralDecoderLayer")  # norm, attention, norm, gated feed-forward part


class AskAndHold(Function):
    """A block's input to queries, keys and values, (T, heads, width) each, the first two at their positions."""

    @staticmethod
    def forward(
        context: Any,
        x: Tensor,
        norm: Any,
        angles: tuple[Tensor, Tensor],
        layers: Sequence[Frozen],
        asks: Tensor | None,
        drops: bool,
        *learnt: Tensor,
    ) -> tuple[Tensor, ...]:
        """`asks` are the rows that ask, all unless told; `learnt` is what learns, told once more for autograd to see."""
        seen, scale = normed(x, norm.weight, norm.variance_epsilon)
        asking = seen if asks is None else seen[asks]
        context.turns = (angles if asks is None else tuple(angle[asks] for angle in angles)), angles
        made, context.kept = zip(
            *(times(layer, rows, drops=drops) for layer, rows in zip(layers, (asking, seen, seen), strict=True)), strict=True
        )
        query, key, value = (row.unflatten(-1, (-1, angles[0].shape[-1])) for row in made)
        context.norm, context.asks, context.layers = norm.weight, asks, layers
        context.save_for_backward(x, seen, scale)
        return turned(query, *context.turns[0]), turned(key, *context.turns[1]), value

    @staticmethod
    @once_differentiable
    def backward(context: Any, *given: Tensor) -> tuple[Any, ...]:
        """The gradients of the three add up as they are made."""
        x, seen, scale = context.saved_tensors
        asks, wanted = context.asks, context.needs_input_grad[0]
        query, key = (turned(part, cos, sin, way=-1) for part, (cos, sin) in zip(given[:2], context.turns, strict=True))
        change, by = None, list[Tensor]()
        for layer, kept, row in zip(context.layers[1:], context.kept[1:], (key, given[2]), strict=True):
            change, own = times_change(layer, kept, seen, row.flatten(1), change, wanted=wanted)
            by += own
        onto, asking = (change, seen) if asks is None else (None, seen[asks])
        asked, own = times_change(context.layers[0], context.kept[0], asking, query.flatten(1), onto, wanted=wanted)
        if change is not None and asked is not None and asks is not None:
            change.index_add_(0, asks, asked)
        if change is not None:
            change = normeds_change(change, x, context.norm, scale)
        return change, None, None, None, None, None, *own, *by


class Answer(Function):
    """What a layer makes of an attention's answer, added to what flows past it."""

    @staticmethod
    def forward(context: Any, past: Tensor, x: Tensor, layer: Frozen, drops: bool, *learnt: Tensor) -> Tensor:
        """(T, D) and (T, heads * width) -> (T, D)."""
        made, context.kept = times(layer, x, past, drops=drops)
        context.layer = layer
        context.save_for_backward(x)
        return made

    @staticmethod
    @once_differentiable
    def backward(context: Any, given: Tensor) -> tuple[Any, ...]:
        """What flows past gets it as it is."""
        (x,) = context.saved_tensors
        change, by = times_change(context.layer, context.kept, x, given, wanted=context.needs_input_grad[1])
        return given, change, None, None, *by


class FeedForward(Function):
    """x + down(silu(gate(norm(x))) * up(norm(x)))."""

    @staticmethod
    def forward(context: Any, x: Tensor, norm: Any, layers: Sequence[Frozen], drops: bool, *learnt: Tensor) -> Tensor:
        """(T, D) -> (T, D); the layers are gate, up and down."""
        seen, scale = normed(x, norm.weight, norm.variance_epsilon)
        (gate, of_gate), (up, of_up) = (times(layer, seen, drops=drops) for layer in layers[:2])
        opened = silu(gate)
        inner = opened * up
        made, of_down = times(layers[2], inner, x, drops=drops)
        context.norm, context.layers, context.kept = norm.weight, layers, (of_gate, of_up, of_down)
        context.save_for_backward(x, seen, scale, gate, opened, up, inner if layers[2].learnt else None)
        return made

    @staticmethod
    @once_differentiable
    def backward(context: Any, given: Tensor) -> tuple[Any, ...]:
        """Every product's gradient goes into the one before it."""
        x, seen, scale, gate, opened, up, inner = context.saved_tensors
        change, by_down = times_change(context.layers[2], context.kept[2], inner, given)
        assert change is not None
        of_up = change * opened
        of_gate = torch.ops.aten.silu_backward(change.mul_(up), gate)
        wanted = context.needs_input_grad[0]
        change, by_gate = times_change(context.layers[0], context.kept[0], seen, of_gate, wanted=wanted)
        change, by_up = times_change(context.layers[1], context.kept[1], seen, of_up, change, wanted=wanted)
        if change is not None:
            change = normeds_change(change, x, context.norm, scale).add_(given)
        return change, None, None, None, *by_gate, *by_up, *by_down


@contextmanager
def fused(blocks: nn.ModuleList, *, last_only: bool) -> Iterator[bool]:
    """While open, all of these blocks are worked by hand, if all of them can be; says whether."""
    able = [layers for block in blocks if (layers := _layers_of(block))]
    with ExitStack() as undo:
        for block, layers in zip(blocks, able, strict=True) if len(able) == len(blocks) else ():
            work = partial(_work, block, layers, last_only=last_only and block is blocks[-1])
            undo.enter_context(instead(block, "forward", partial(_forward, block, block.forward, work)))
        yield len(able) == len(blocks)


def _layers_of(block: Any) -> list[Frozen]:
    """The seven products of a block, none where it is not all of the known kind."""
    if type(block).__name__ not in BLOCKS or type(getattr(block.mlp, "act_fn", None)).__name__ not in GATES:
        return []
    norms = [block.input_layernorm, block.post_attention_layernorm]
    if any(not type(norm).__name__.endswith("RMSNorm") or norm.weight.requires_grad for norm in norms):
        return []
    asks, feeds = block.self_attn, block.mlp
    parts = [asks.q_proj, asks.k_proj, asks.v_proj, asks.o_proj, feeds.gate_proj, feeds.up_proj, feeds.down_proj]
    found = [layer for part in parts if (layer := frozen_of(part))]
    return found if len(found) == len(parts) else []


def _forward(
    block: Any, before: Any, work: Any, hidden: Tensor, *given: Any, packing: Packing | None = None, **named: Any
) -> Any:
    """By hand where texts are packed and nothing is asked beside; as the block did before otherwise."""
    halved = torch.is_autocast_enabled(hidden.device.type) and block.mlp.down_proj.weight.dtype is torch.float32
    if packing is None or given or halved or named.get("past_key_values") is not None:
        return before(hidden, *given, packing=packing, **named)
    work = partial(work, packing=packing, angles=named["position_embeddings"])
    if block.gradient_checkpointing and block.training:
        return block._gradient_checkpointing_func(work, hidden)
    return work(hidden)


def _work(
    block: Any,
    layers: Sequence[Frozen],
    hidden: Tensor,
    *,
    packing: Packing,
    angles: tuple[Tensor, Tensor],
    last_only: bool,
) -> Tensor:
    """The block, (1, T, D) -> (1, T or B, D)."""
    drops, attention = block.training, block.self_attn
    in_groups = _goes_in_groups(attention, packing)
    with torch.autocast(hidden.device.type, enabled=False):
        x = hidden[0]
        turns = tuple(angle[0, :, None].to(x.dtype) for angle in angles)  # (T, 1, width)
        asks = packing.last if last_only and in_groups else None
        rows = _apply(AskAndHold, x, block.input_layernorm, turns, layers[:3], asks, drops, *_learnt(layers[:3]))
        if in_groups:
            groups = packing.groups_of_last if last_only else packing.groups
            answered = _apply(AttendInGroups, *rows, groups, attention.scaling)
        else:
            answered = _attended(attention, *rows, packing=packing)
            answered = answered[packing.last] if last_only else answered
        x = _apply(Answer, x[packing.last] if last_only else x, answered.flatten(1), layers[3], drops, *layers[3].learnt)
        made: Tensor = _apply(FeedForward, x, block.post_attention_layernorm, layers[4:], drops, *_learnt(layers[4:]))
        return made[None]


def _goes_in_groups(attention: Any, packing: Packing) -> bool:
    """Whether these texts' attention is the plain one, and they are short."""
    window = getattr(attention.config, "sliding_window", None) or 0
    dropout = attention.attention_dropout if attention.training else 0.0
    return packing.longest <= LONGEST and not dropout and not 0 < window < packing.longest


def _attended(attention: Any, *rows: Tensor, packing: Packing) -> Tensor:
    query, key, value = (part.transpose(0, 1)[None] for part in rows)
    made, _ = attend_in_buckets(
        attention,
        query,
        key,
        value,
        None,
        scaling=attention.scaling,
        dropout=attention.attention_dropout if attention.training else 0.0,
        sliding_window=getattr(attention.config, "sliding_window", None),
        packing=packing,
    )
    return made[0]


def _apply(function: Any, *given: Any) -> Any:
    return function.apply(*given)


def _learnt(layers: Sequence[Frozen]) -> list[Tensor]:
    return [part for layer in layers for part in layer.learnt]
