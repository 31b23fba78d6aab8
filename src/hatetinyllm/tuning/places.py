"""
Where an adapter goes in a decoder: the layers that end the two branches of a block.

Each block adds the output of its attention and the output of its feed-forward part to what flows past them. An adapter
on the last layer of a branch therefore stands inside the branch, before that sum. Phi's two branches run side by side
and are summed once: each still ends in a layer of its own. Gemma 3 normalises a branch after its last layer, so there the
adapter's change is normalised with the rest.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn
from transformers.pytorch_utils import Conv1D

from hatetinyllm.errors import ModelError, did_you_mean
from hatetinyllm.tuning.tune import READOUT


@dataclass(frozen=True, kw_only=True)
class Ends:
    """How the names of the layers end that end a block's branches."""

    attention: str
    feed_forward: str


_GATED = Ends(attention="self_attn.o_proj", feed_forward="mlp.down_proj")
ENDS: Mapping[str, Ends] = {  # by the `model_type` of a configuration
    "gemma3_text": _GATED,
    "gpt2": Ends(attention="attn.c_proj", feed_forward="mlp.c_proj"),
    "gpt_neox": Ends(attention="attention.dense", feed_forward="mlp.dense_4h_to_h"),
    "llama": _GATED,
    "mistral": _GATED,
    "opt": Ends(attention="self_attn.out_proj", feed_forward="fc2"),
    "phi": Ends(attention="self_attn.dense", feed_forward="mlp.fc2"),
    "qwen2": _GATED,
    "qwen3": _GATED,
}


def ends_of(net: nn.Module, tuning: str) -> Ends:
    """The ends for the architecture of a net."""
    model_type = getattr(net.config, "model_type", "")
    if model_type not in ENDS:
        problems = [f"known: {', '.join(ENDS)}", 'name the layers by the option layers, as layers = ["o_proj", "down_proj"]']
        raise ModelError(f"{tuning}: where its adapters go in a decoder of type {model_type!r} is not known", problems)
    return ENDS[model_type]


def find_layers(net: nn.Module, ends: Sequence[str], tuning: str) -> list[str]:
    """Full names of the decoder's linear layers that have one of these ends, all without one; each end must fit."""
    names = [name for name, part in net.named_modules() if isinstance(part, nn.Linear | Conv1D) and name != READOUT]
    return fitting(names, ends, f"{tuning}: these ends name no linear layer of the model")


def fitting(names: Sequence[str], ends: Sequence[str], message: str) -> list[str]:
    """The names that have one of these ends; an end that fits none is an error."""
    known = {name.rpartition(".")[2] for name in names}
    if unknown := [f"{end!r} ({did_you_mean(end, known)})" for end in ends if not any(name.endswith(end) for name in names)]:
        raise ModelError(message, unknown)
    return [name for name in names if not ends or name.endswith(tuple(ends))]


def of_last_block(names: Sequence[str]) -> list[str]:
    """The names that stand in the last of the blocks they are spread over."""
    found = [re.search(r"\.(\d+)\.", name) for name in names]
    blocks = [int(number.group(1)) if number else -1 for number in found]
    return [name for name, block in zip(names, blocks, strict=True) if block == max(blocks)]


def norms_of(net: nn.Module) -> list[str]:
    """Full names of the decoder's normalising layers; RMSNorm is a class of its own in every architecture."""
    return [name for name, part in net.named_modules() if type(part).__name__.endswith(("LayerNorm", "RMSNorm"))]
