"""
BitFit (Ben Zaken et al., 2022): the biases learn, and the readout; all matrices are frozen.

OPT, Phi, GPT-2 and GPT-NeoX have biases in all linear layers and LayerNorms, and these are what learns. Llama, Mistral and
most decoders of today have none at all: there every linear layer is given a new one, which is more than BitFit asks for and
cannot be folded into the weights. Qwen 2 has biases in some layers; there only these learn.
"""

from peft import TaskType, get_peft_model
from torch import nn

from hatetinyllm.tuning.bias import BiasConfig, Biased, no_place, register
from hatetinyllm.tuning.places import fitting
from hatetinyllm.tuning.tune import READOUT, Tuned


def apply(
    net: nn.Module,
    *,
    layers: tuple[str, ...] = (),  # ends of layer names; empty for all that have a bias, or all linear ones where none has
) -> Tuned:
    """Let the biases learn, each as a vector beside it."""
    register()
    chosen = choose_layers(net, layers)
    new = sum(part.bias is None for part in chosen.values())
    config = BiasConfig(task_type=TaskType.SEQ_CLS, target_modules=list(chosen), modules_to_save=[READOUT])
    return Tuned(net=net, adapter=get_peft_model(net, config), cannot_merge=no_place(new, len(chosen)) if new else "")


def choose_layers(net: nn.Module, ends: tuple[str, ...] = ()) -> dict[str, Biased]:
    """The decoder's layers whose bias learns, by their full names; a bias that is not there yet is None."""
    parts = {name: part for name, part in net.named_modules() if isinstance(part, Biased) and name != READOUT}
    if ends:
        return {name: parts[name] for name in fitting(list(parts), ends, "bitfit: these ends name no layer that can have a bias")}
    with_bias = {name: part for name, part in parts.items() if part.bias is not None}
    return with_bias or {name: part for name, part in parts.items() if not isinstance(part, nn.LayerNorm)}
