"""
IA3 (Liu et al., 2022) through PEFT: vectors that stretch keys, values and what enters the last feed-forward layer.

The vectors begin at one, so the net begins as it was. Where one layer gives queries, keys and values together (GPT-2,
GPT-NeoX) all three are stretched: the vector cannot be told which is which.
"""

from peft import IA3Config, TaskType, get_peft_model
from torch import nn

from hatetinyllm.errors import ModelError
from hatetinyllm.tuning.lora import turned
from hatetinyllm.tuning.places import ends_of, find_layers
from hatetinyllm.tuning.tune import READOUT, Tuned

KEYS_AND_VALUES = ("k_proj", "v_proj", "query_key_value", "attn.c_attn")  # what architectures call them


def apply(
    net: nn.Module,
    *,
    layers: tuple[str, ...] = (),  # ends of layers whose output is stretched; empty for the keys and the values
    feed_forward: tuple[str, ...] = (),  # ends of layers whose input is stretched; empty for the last of the feed-forward part
) -> Tuned:
    """Add the vectors; the readout learns too."""
    outputs = find_layers(net, layers or keys_and_values(net), "ia3")
    inputs = find_layers(net, feed_forward or (ends_of(net, "ia3").feed_forward,), "ia3")
    if both := sorted({*outputs} & {*inputs}):
        raise ModelError("ia3: a layer is stretched at its input or at its output, these are named for both", both)
    config = IA3Config(
        task_type=TaskType.SEQ_CLS,
        target_modules=[*outputs, *inputs],
        feedforward_modules=inputs,
        modules_to_save=[READOUT],
        fan_in_fan_out=turned(net),
    )
    return Tuned(net=net, adapter=get_peft_model(net, config))


def keys_and_values(net: nn.Module) -> tuple[str, ...]:
    """The ends of the layers that give keys and values in this net."""
    names = [name for name, _ in net.named_modules()]
    found = tuple(end for end in KEYS_AND_VALUES if any(name.endswith(end) for name in names))
    if not found:
        told = ['name the layers by the option layers, as layers = ["k_proj", "v_proj"]']
        raise ModelError("ia3: which layers give keys and values in this model is not known", told)
    return found
