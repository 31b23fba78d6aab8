"""
Prefix tuning (Li and Liang, 2021) through PEFT: keys and values that stand before the text in every layer learn.

The net is called directly, not through PEFT, so the prefix is handed to its decoder as keys and values of a past: the text
goes on after it, its positions too, and it takes room from them. It is no identity at the start. PEFT draws the numbers
from a normal distribution of spread 1; `spread` says another.
"""

from typing import Any

from peft import PeftModel, PrefixTuningConfig, TaskType, get_peft_model
from torch import Tensor, nn
from transformers import DynamicCache

from hatetinyllm.errors import ModelError
from hatetinyllm.tuning.tune import READOUT, Tuned
from hatetinyllm.types import Count, Positive

PREFIX = "prefix"
CANNOT_MERGE = "a prefix is keys and values that stand before the text, no change of any weight"


def apply(
    net: nn.Module,
    *,
    tokens: Count = 20,  # length of the prefix; it and the text must fit the positions of the model
    spread: Positive = 1.0,  # of the random numbers the prefix begins with
) -> Tuned:
    """Put a prefix before every text; the readout learns too."""
    _refuse_uneven(net)
    config = PrefixTuningConfig(task_type=TaskType.SEQ_CLS, num_virtual_tokens=tokens, modules_to_save=[READOUT])
    adapter = get_peft_model(net, config)
    config.inference_mode = True  # PEFT then saves the numbers themselves and no copy of them
    nn.init.normal_(numbers_of(adapter), std=spread)
    net.add_module(PREFIX, adapter.prompt_encoder)  # so that it is trained, moved and counted with the net
    net.get_submodule(adapter.transformer_backbone_name).register_forward_pre_hook(_Before(adapter), with_kwargs=True)
    return Tuned(net=net, adapter=adapter, cannot_merge=CANNOT_MERGE, virtual_tokens=tokens)


def numbers_of(adapter: PeftModel) -> Tensor:
    """The prefix that is switched on, (tokens, layers * 2 * heads * width of a head)."""
    encoder: Any = adapter.prompt_encoder[adapter.active_adapter]
    numbers: Tensor = encoder.embedding.weight
    return numbers


class _Before:
    """Hands the prefix to a decoder that is called without a past of its own."""

    def __init__(self, adapter: PeftModel) -> None:
        self.adapter = adapter

    def __call__(self, decoder: nn.Module, asked: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        assert not asked, "the decoder is called by names"
        assert named.get("past_key_values") is None, "a text stands right behind its prefix, nothing between them"
        given = named["input_ids"] if named.get("input_ids") is not None else named["inputs_embeds"]
        changed = {**named, "past_key_values": past_of(self.adapter, len(given))}
        if named.get("position_ids") is not None:  # counted from the text's own beginning
            changed["position_ids"] = named["position_ids"] + self.adapter.active_peft_config.num_virtual_tokens
        return asked, changed


def past_of(adapter: PeftModel, texts: int) -> DynamicCache:
    """The prefix as the past of so many texts."""
    config = adapter.active_peft_config
    heads, layers = config.num_attention_heads, config.num_layers
    shaped = numbers_of(adapter).view(config.num_virtual_tokens, layers, 2, heads, config.token_dim // heads)
    past = DynamicCache()
    for layer, pair in enumerate(shaped.permute(1, 2, 3, 0, 4)):  # (2, heads, tokens, width)
        keys, values = (part.unsqueeze(0).expand(texts, -1, -1, -1) for part in pair)
        past.update(keys, values, layer)
    return past


def _refuse_uneven(net: nn.Module) -> None:
    """One prefix has one shape in all layers."""
    config: Any = net.config
    stated = config.to_dict()
    if uneven := [name for name in ("per_layer_config", "global_head_dim") if stated.get(name) is not None]:
        told = [f"its configuration has {name}" for name in uneven]
        raise ModelError(f"prefix: the layers of a {config.model_type} keep keys and values of unequal shapes", told)
