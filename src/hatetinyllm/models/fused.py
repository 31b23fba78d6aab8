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

from hatetinyllm.models.attention import attend_in_buckets
from hatetinyllm.models.elementwise import gated, gateds_change, normed, normeds_change, turned
from hatetinyllm.models.frozen_product import Frozen, frozen_of, times, times_change
from hatetinyllm.models.last_tokens import instead
from hatetinyllm.models.packing import Packing
from hatetinyllm.models.text_attention import LONGEST, AttendByText

GATES = ("SiLU", "SiLUActivation")
BLOCKS = ("LlamaDecoderLayer", "MistralDecoderLayer")  # norm, attention, norm, gated feed-forward part


class AskAndHold(Function):
    """A block's input to queries, keys and values, (T, heads, width) each, the first two at their positions."""

    @staticmethod
    def forward(
        context: Any, x: Tensor, norm: Any, angles: tuple[Tensor, Tensor], layers: Sequence[Frozen], drops: bool, *learnt: Tensor
    ) -> tuple[Tensor, ...]:
        """`learnt` is what the layers hold that learns, told once more for autograd to see."""
        seen, scale = normed(x, norm.weight, norm.variance_epsilon)
        made, context.kept = zip(*(times(layer, seen, drops=drops) for layer in layers), strict=True)
        width = 2 * angles[0].shape[-1]
        rows = [row.unflatten(-1, (-1, width)) for row in made]
        context.norm, context.angles, context.layers = norm.weight, angles, layers
        context.save_for_backward(x, seen, scale)
        return turned(rows[0], *angles), turned(rows[1], *angles), rows[2]

    @staticmethod
    @once_differentiable
    def backward(context: Any, *given: Tensor) -> tuple[Any, ...]:
        """The gradients of the three add up as they are made."""
        x, seen, scale = context.saved_tensors
        cos, sin = context.angles
        rows = [*(turned(part, cos, sin, way=-1) for part in given[:2]), given[2]]
        change, by = None, list[Tensor]()
        for layer, kept, row in zip(context.layers, context.kept, rows, strict=True):
            change, own = times_change(layer, kept, seen, row.flatten(1), change, wanted=context.needs_input_grad[0])
            by += own
        if change is not None:
            change = normeds_change(change, x, context.norm, scale)
        return change, None, None, None, None, *by


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
        inner = gated(gate, up)
        made, of_down = times(layers[2], inner, x, drops=drops)
        context.norm, context.layers, context.kept = norm.weight, layers, (of_gate, of_up, of_down)
        context.save_for_backward(x, seen, scale, gate, up, inner if layers[2].learnt else None)
        return made

    @staticmethod
    @once_differentiable
    def backward(context: Any, given: Tensor) -> tuple[Any, ...]:
        """Every product's gradient goes into the one before it."""
        x, seen, scale, gate, up, inner = context.saved_tensors
        change, by_down = times_change(context.layers[2], context.kept[2], inner, given)
        assert change is not None
        of_gate, of_up = gateds_change(change, gate, up)
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
    drops, half = block.training, angles[0].shape[-1] // 2
    with torch.autocast(hidden.device.type, enabled=False):
        x = hidden[0]
        turns = tuple(angle[0, :, None, :half].to(x.dtype) for angle in angles)  # (T, 1, width / 2)
        query, key, value = _apply(AskAndHold, x, block.input_layernorm, turns, layers[:3], drops, *_learnt(layers[:3]))
        answered = _attended(block.self_attn, query, key, value, packing).flatten(1)
        if last_only:
            x, answered = x[packing.last], answered[packing.last]
        x = _apply(Answer, x, answered, layers[3], drops, *layers[3].learnt)
        made: Tensor = _apply(FeedForward, x, block.post_attention_layernorm, layers[4:], drops, *_learnt(layers[4:]))
        return made[None]


def _attended(attention: Any, query: Tensor, key: Tensor, value: Tensor, packing: Packing) -> Tensor:
    dropout = attention.attention_dropout if attention.training else 0.0
    window = getattr(attention.config, "sliding_window", None) or 0
    if packing.longest <= LONGEST and not dropout and not 0 < window < packing.longest:
        attended: Tensor = _apply(AttendByText, query, key, value, packing, attention.scaling)
        return attended
    query, key, value = (part.transpose(0, 1)[None] for part in (query, key, value))
    made, _ = attend_in_buckets(
        attention,
        query,
        key,
        value,
        None,
        scaling=attention.scaling,
        dropout=dropout,
        sliding_window=window or None,
        packing=packing,
    )
    return made[0]


def _apply(function: Any, *given: Any) -> Any:
    return function.apply(*given)


def _learnt(layers: Sequence[Frozen]) -> list[Tensor]:
    return [part for layer in layers for part in layer.learnt]
