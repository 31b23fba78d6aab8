"""
QLoRA (Dettmers et al., 2023): LoRA beside a decoder whose matrices are kept in 4 bits (NF4, bitsandbytes).

The net is read in 32 bits as ever and its layers are replaced in place, so a checkpoint goes through the same checks; the
readout and the word embeddings stay as they are. The arithmetic is in 32-bit floats, under autocast in 16.

What is saved is an ordinary LoRA, and PEFT puts it over the checkpoint in full width too. Ours goes back over 4 bits: what
is served is what was judged. It is not folded into the weights: into the 4-bit ones it would be rounded away by them, and
the full ones are not those it learnt beside. On the meta device nothing is replaced: the shapes that learn are LoRA's.

bitsandbytes fetches a faster kernel from the hub where the package `kernels` is installed too; where it is not, or under
HF_HUB_OFFLINE=1, it says so in its log and does without.
"""

from dataclasses import replace
from typing import Any

import torch
from peft import LoraConfig
from torch import nn
from transformers.pytorch_utils import Conv1D

from hatetinyllm.errors import MissingExtra, ModelError
from hatetinyllm.registry import find
from hatetinyllm.tuning.lora import add_thin_matrices, turned
from hatetinyllm.tuning.places import find_layers
from hatetinyllm.tuning.tune import Tuned
from hatetinyllm.types import Count, LesserShare

CANNOT_MERGE = "it learnt beside weights of 4 bits, which would round it away, and the full ones are not those it learnt beside"


def apply(
    net: nn.Module,
    *,
    rank: Count = 8,  # width of the thin matrices
    alpha: Count = 16,  # the update is scaled by alpha / rank
    dropout: LesserShare = 0.05,  # of the input of the thin matrices, while training
    layers: tuple[str, ...] = (),  # ends of layer names, as ["k_proj", "v_proj"]; empty for every linear layer
    double: bool = True,  # the scales of the 4-bit blocks are kept in 8 bits themselves
) -> Tuned:
    """Put the decoder's matrices into 4 bits and add the thin matrices; the readout learns too."""
    chosen = find_layers(net, layers, "qlora")
    other_way_round = turned(net)
    if next(net.parameters()).device.type != "meta":
        quantise(net, double=double)
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=chosen)
    tuned = add_thin_matrices(net, config)
    config.fan_in_fan_out = other_way_round  # as the checkpoint has it, for those who put the LoRA over that
    return replace(tuned, cannot_merge=CANNOT_MERGE)


def quantise(net: nn.Module, *, double: bool) -> None:
    """Replace every linear layer of the decoder by one of 4 bits."""
    try:
        make, keep = find("bitsandbytes.nn:Linear4bit"), find("bitsandbytes.nn:Params4bit")
        for name in find_layers(net, (), "qlora"):
            net.set_submodule(name, _in_4_bits(net.get_submodule(name), make, keep, double=double))
    except MissingExtra as error:
        raise MissingExtra("qlora needs bitsandbytes, which is not installed", error.problems) from error
    except Exception as error:  # without a kernel for this machine it ends in any kind of exception
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        told = [f"bitsandbytes says: {said}", "tuning.name = 'lora' needs no 4-bit weights"]
        raise ModelError("qlora: this machine cannot keep weights in 4 bits", told) from error
    net.is_loaded_in_4bit = True  # type: ignore[assignment] # by which PEFT knows it


def _in_4_bits(layer: nn.Module, make: Any, keep: Any, *, double: bool) -> Any:
    """The layer of 4 bits in the place of a linear one."""
    weight, bias = layer.get_parameter("weight").detach(), layer.bias
    if isinstance(layer, Conv1D):
        weight = weight.T.contiguous()
    outputs, inputs = weight.shape
    made = make(inputs, outputs, bias is not None, torch.float32, double, "nf4", device="meta")
    made.weight = keep(weight, requires_grad=False, compress_statistics=double, quant_type="nf4", module=made)
    made.bias = bias
    made.requires_grad_(False)
    made.support_avx512bf16_for_cpu = False  # its short cut on some CPUs repacks the weights for good, and reads them in 16 bits
    made.to(weight.device)
    return made
