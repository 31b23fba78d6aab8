"""
DoRA (Liu et al., 2024) through PEFT: LoRA that learns the length of each output's weights apart from their direction.

The lengths begin as they are, so the net begins as it was, up to the rounding of one division.
"""

from peft import LoraConfig
from torch import nn

from hatetinyllm.tuning.lora import add_thin_matrices
from hatetinyllm.tuning.places import find_layers
from hatetinyllm.tuning.tune import Tuned
from hatetinyllm.types import Count, LesserShare


def apply(
    net: nn.Module,
    *,
    rank: Count = 8,  # width of the thin matrices
    alpha: Count = 16,  # the update is scaled by alpha / rank
    dropout: LesserShare = 0.05,  # of the input of the thin matrices, while training
    layers: tuple[str, ...] = (),  # ends of layer names, as ["k_proj", "v_proj"]; empty for every linear layer
) -> Tuned:
    """Add the thin matrices and the lengths to the named layers; the readout learns too."""
    chosen = find_layers(net, layers, "dora")
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=chosen, use_dora=True)
    return add_thin_matrices(net, config)
