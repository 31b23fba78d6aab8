"""LoRA (Hu et al., 2022) through PEFT: two thin matrices beside each chosen linear layer learn, the rest is frozen."""

from peft import LoraConfig, TaskType, get_peft_model
from torch import nn
from transformers.pytorch_utils import Conv1D

from hatetinyllm.errors import ModelError, did_you_mean
from hatetinyllm.tuning.tune import READOUT, Tuned
from hatetinyllm.types import Count, Share


def apply(
    net: nn.Module,
    *,
    rank: Count = 8,  # width of the thin matrices
    alpha: Count = 16,  # the update is scaled by alpha / rank
    dropout: Share = 0.05,  # of the input of the thin matrices, while training
    layers: tuple[str, ...] = (),  # ends of layer names, as ["k_proj", "v_proj"]; empty for every linear layer
) -> Tuned:
    """Add the thin matrices to the named layers; the readout learns too."""
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=linear_layers(net, layers),
        modules_to_save=[READOUT],
        fan_in_fan_out=any(isinstance(part, Conv1D) for part in net.modules()),  # GPT-2 keeps its matrices the other way round
    )
    return Tuned(net=net, adapter=get_peft_model(net, config))


def linear_layers(net: nn.Module, ends: tuple[str, ...]) -> list[str]:
    """Full names of the decoder's linear layers that have one of these ends; an end that fits none is an error."""
    names = [name for name, part in net.named_modules() if isinstance(part, nn.Linear | Conv1D) and name != READOUT]
    known = {name.rpartition(".")[2] for name in names}
    if unknown := [f"{end!r} ({did_you_mean(end, known)})" for end in ends if not any(name.endswith(end) for name in names)]:
        raise ModelError("lora: these ends name no linear layer of the model", unknown)
    return [name for name in names if not ends or name.endswith(tuple(ends))]
