"""
A Llama-shaped decoder worked on a grid: rows of equal length, one block of made code after the other.

For learning alone, where every weight learns and texts come in rows: `torch.compile` joins what stands between the products,
products are worked in 16 bits and sums in 32, and the attention of short rows is two plain products, whose gradients a CPU
works out faster than those of the kernels made for long texts. The module's own parameters are used, so that a checkpoint
stays what Transformers writes and reads.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, silu

KINDS = ("LlamaModel", "MistralModel")
GATES = ("SiLU", "SiLUActivation")
Block = Callable[..., Tensor]


def fits_grid(decoder: Any) -> bool:
    """Whether every part of a decoder is of the known kind."""
    if type(decoder).__name__ not in KINDS or getattr(decoder.config, "sliding_window", None):
        return False
    plain = all(_bare(layer) for layer in decoder.layers)
    scaling = getattr(decoder.rotary_emb, "attention_scaling", 1.0)
    return plain and scaling == 1.0


def hidden_of(decoder: Any, ids: Tensor, bars: Tensor, *, made: bool = True, half: bool = True) -> Tensor:
    """
    The last hidden states of a grid of ids, (B, L) -> (B, L, D), in 32 bits.

    `bars` is added to what every token would see, (B or 1, 1, L, L); `made` compiles the blocks, once for each kind of shape.
    """
    hidden = decoder.embed_tokens(ids)
    places = torch.arange(ids.shape[1], device=ids.device)[None]
    cos, sin = (angle[:, None] for angle in decoder.rotary_emb(hidden, places))
    work: Block = _made() if made else block
    kind = torch.bfloat16 if half else torch.float32
    for layer in decoder.layers:
        hidden = work(
            hidden, *_weights(layer), cos, sin, bars, layer.self_attn.head_dim, layer.input_layernorm.variance_epsilon, kind
        )
    normed: Tensor = decoder.norm(hidden)
    return normed


def causal_bars(length: int, *, device: torch.device | None = None) -> Tensor:
    """What keeps a token from those after it, (1, 1, L, L)."""
    return torch.full((length, length), -torch.inf, device=device).triu(1)[None, None]


def block(
    x: Tensor,
    before: Tensor,
    ask: Tensor,
    hold: Tensor,
    value: Tensor,
    answer: Tensor,
    after: Tensor,
    gate: Tensor,
    up: Tensor,
    down: Tensor,
    cos: Tensor,
    sin: Tensor,
    bars: Tensor,
    width: int,
    epsilon: float,
    kind: torch.dtype,
) -> Tensor:
    """One block, (B, L, D) -> (B, L, D)."""
    seen = _normed(x, before, epsilon).to(kind)
    asks, holds, values = (linear(seen, w.to(kind)).view(*x.shape[:2], -1, width).transpose(1, 2) for w in (ask, hold, value))
    asks, holds = _turned(asks, cos, sin).to(kind), _turned(holds, cos, sin).to(kind)
    if holds.shape[1] != asks.shape[1]:
        shared = asks.shape[1] // holds.shape[1]
        holds, values = holds.repeat_interleave(shared, 1), values.repeat_interleave(shared, 1)
    looks = torch.softmax((asks @ holds.transpose(-1, -2)).float() * width**-0.5 + bars, dim=-1).to(kind)
    x = x + linear((looks @ values).transpose(1, 2).flatten(2), answer.to(kind))
    seen = _normed(x, after, epsilon).to(kind)
    return x + linear(silu(linear(seen, gate.to(kind))) * linear(seen, up.to(kind)), down.to(kind))


@cache
def _made() -> Block:
    made: Block = torch.compile(block, fullgraph=True)
    return made


def _normed(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    across = torch.cat([-x[..., half:], x[..., :half]], dim=-1)
    return x * cos + across * sin


def _weights(layer: Any) -> tuple[nn.Parameter, ...]:
    """A block's, in the order that `block` takes them."""
    asks, feeds = layer.self_attn, layer.mlp
    return (
        layer.input_layernorm.weight,
        *(part.weight for part in (asks.q_proj, asks.k_proj, asks.v_proj, asks.o_proj)),
        layer.post_attention_layernorm.weight,
        *(part.weight for part in (feeds.gate_proj, feeds.up_proj, feeds.down_proj)),
    )


def _bare(layer: Any) -> bool:
    """No bias, no adapter, no other gate."""
    asks, feeds = layer.self_attn, layer.mlp
    parts = (asks.q_proj, asks.k_proj, asks.v_proj, asks.o_proj, feeds.gate_proj, feeds.up_proj, feeds.down_proj)
    return all(type(part) is nn.Linear and part.bias is None for part in parts) and type(feeds.act_fn).__name__ in GATES
