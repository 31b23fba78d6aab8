"""LoRA (Hu et al., 2022) through PEFT: two thin matrices beside each chosen linear layer learn, the rest is frozen."""

from peft import LoraConfig, TaskType, get_peft_model
from torch import nn
from transformers.pytorch_utils import Conv1D

from hatetinyllm.tuning.places import find_layers
from hatetinyllm.tuning.tune import READOUT, Tuned
from hatetinyllm.types import Count, LesserShare


def apply(
    net: nn.Module,
    *,
    rank: Count = 8,  # width of the thin matrices
    alpha: Count = 16,  # the update is scaled by alpha / rank
    dropout: LesserShare = 0.05,  # of the input of the thin matrices, while training
    layers: tuple[str, ...] = (),  # ends of layer names, as ["k_proj", "v_proj"]; empty for every linear layer
) -> Tuned:
    """Add the thin matrices to the named layers; the readout learns too."""
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=find_layers(net, layers, "lora"))
    return add_thin_matrices(net, config)


def add_thin_matrices(net: nn.Module, config: LoraConfig) -> Tuned:
    """A net under a LoRA or one of its kin; the readout learns and is saved with it."""
    config.task_type, config.modules_to_save = TaskType.SEQ_CLS, [READOUT]
    config.fan_in_fan_out = turned(net)
    return Tuned(net=net, adapter=get_peft_model(net, config))


def turned(net: nn.Module) -> bool:
    """Whether the net keeps its matrices the other way round, as GPT-2 does."""
    return any(isinstance(part, Conv1D) for part in net.modules())
