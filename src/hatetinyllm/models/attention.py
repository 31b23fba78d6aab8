"""
Attention among the tokens of one text while many texts stand in one row, through Transformers' attention interface.

`htl_seg` works on any device: causal attention on each bucket of texts of like length. `htl_varlen` is torch's attention over
texts of unequal length, on CUDA alone. Neither has a mask made for it by Transformers, so both do all that a mask does: look
left only, no further than a sliding window, and past a prefix that stands before each text. Called without a packing they
attend as usual, within each row of a padded block.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention.varlen import varlen_attn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from hatetinyllm.models.packing import Packing

SEGMENTS, VARLEN = "htl_seg", "htl_varlen"
UNKNOWN = ("softcap", "s_aux", "position_bias", "head_mask")  # of other attentions: what they ask for is not done here


def register() -> None:
    """Make Transformers know both by name; importing does not."""
    AttentionInterface.register(SEGMENTS, attend_in_buckets)
    AttentionInterface.register(VARLEN, attend_by_ends)


def attend_in_buckets(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    packing: Packing | None = None,
    **asked: Any,
) -> tuple[Tensor, None]:
    """(1, heads, T, width) or (B, heads, T, width) -> (1 or B, T, heads, width)."""
    _refuse_unknown(module, sliding_window, asked)
    window = sliding_window or 0
    if packing is None:
        attended = _attend(query, key, value, scaling, dropout, window)
        return attended.transpose(1, 2).contiguous(), None
    prefix = key.shape[2] - query.shape[2]
    past = [part[:, :, :prefix] for part in (key, value)]
    rows = [part[0].transpose(0, 1) for part in (query, key[:, :, prefix:], value[:, :, prefix:])]  # (T, heads, width)
    if packing.into_blocks is not None:
        rows = [row.index_select(0, packing.into_blocks) for row in rows]
    found, first = [], 0
    for texts, tokens in packing.blocks:
        asking, keys, values = (_block(row[first : first + texts * tokens], texts, tokens) for row in rows)
        if prefix:
            keys, values = (
                torch.cat([part.expand(texts, -1, -1, -1), own], dim=2) for part, own in zip(past, (keys, values), strict=True)
            )
        found.append(_attend(asking, keys, values, scaling, dropout, window).transpose(1, 2).flatten(0, 1))
        first += texts * tokens
    joined = found[0] if len(found) == 1 else torch.cat(found)
    return (joined if packing.out_of_blocks is None else joined.index_select(0, packing.out_of_blocks))[None], None


def attend_by_ends(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    packing: Packing | None = None,
    **asked: Any,
) -> tuple[Tensor, None]:
    """The same by one kernel; what the kernel cannot (dropout, a prefix, 32-bit floats) goes by buckets."""
    _refuse_unknown(module, sliding_window, asked)
    dtype = _arithmetic(query)
    if packing is None or dropout or key.shape[2] != query.shape[2] or dtype not in (torch.bfloat16, torch.float16):
        return attend_in_buckets(module, query, key, value, None, scaling, dropout, sliding_window, packing)
    asking, keys, values = (part[0].transpose(0, 1).to(dtype) for part in (query, key, value))  # (T, heads, width)
    attended = varlen_attn(
        asking,
        keys,
        values,
        packing.ends,
        packing.ends,
        packing.longest,
        packing.longest,
        scale=scaling,
        window_size=(sliding_window - 1 if sliding_window else -1, 0),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    assert isinstance(attended, Tensor), "nothing beside what was attended is asked for"
    return attended[None], None


def _arithmetic(query: Tensor) -> torch.dtype:
    """What attention is to compute in; autocast, which knows torch's own attention, does not know the kernel."""
    kind = query.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else query.dtype


def _block(rows: Tensor, texts: int, tokens: int) -> Tensor:
    """(texts * tokens, heads, width) -> (texts, heads, tokens, width)."""
    return rows.view(texts, tokens, *rows.shape[1:]).transpose(1, 2)


def _attend(query: Tensor, key: Tensor, value: Tensor, scaling: float | None, dropout: float, window: int) -> Tensor:
    """Causal attention of the last tokens among all; a token sees so many tokens of a window, itself the last."""
    asked, held = query.shape[2], key.shape[2]
    mask = None
    if held != asked or 0 < window < held:
        behind = torch.arange(held - asked, held, device=query.device)[:, None] - torch.arange(held, device=query.device)
        mask = (behind >= 0) & (behind < window) if window else behind >= 0
    return scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=mask,
        dropout_p=dropout,
        is_causal=mask is None,
        scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )


def _refuse_unknown(module: nn.Module, window: int | None, asked: dict[str, Any]) -> None:
    """Some nets ask by the mask alone, which is not made here: then only their configuration tells."""
    config = getattr(module, "config", None)
    strange = [name for name in UNKNOWN if asked.get(name) is not None]
    strange += ["attention_chunk_size"] if getattr(config, "attention_chunk_size", None) else []
    strange += ["a sliding_window of the mask alone"] if not window and _slides(module, config) else []
    if strange:
        raise NotImplementedError(f"this attention does not know {', '.join(strange)}")


def _slides(module: nn.Module, config: Any) -> bool:
    """Whether this layer's window is to slide, by the configuration."""
    kinds = getattr(config, "layer_types", None)
    sliding = kinds is None or "sliding" in kinds[getattr(module, "layer_idx", 0)]
    return sliding and bool(getattr(config, "sliding_window", None))
