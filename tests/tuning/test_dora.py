"""DoRA learns the lengths as well as the thin matrices, and goes where it is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.tuning.dora import apply
from hatetinyllm.tuning.tune import learning

KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]


@pytest.mark.parametrize("kind", ["Llama", "OPT"])
def test_beside_loras_weights_there_is_one_length_an_output(checkpoint: Callable[[str], Path], kind: str) -> None:
    net = load(2, id=str(checkpoint(kind))).net
    widths = [part.out_features for name, part in net.named_modules() if name.endswith(("k_proj", "v_proj"))]
    apply(net, rank=2, layers=("k_proj", "v_proj"))
    counted = sum(parameter.numel() for name, parameter in learning(net).items() if "lora" in name)
    assert counted == sum(2 * (32 + width) + width for width in widths)


@pytest.mark.parametrize("kind", KINDS)
def test_a_length_begins_as_that_of_the_outputs_weights(checkpoint: Callable[[str], Path], kind: str) -> None:
    net = load(2, id=str(checkpoint(kind))).net
    apply(net)
    layer = next(part for name, part in net.named_modules() if hasattr(part, "lora_magnitude_vector"))
    weight = layer.get_base_layer().weight.T if kind == "GPT2" else layer.get_base_layer().weight
    length = layer.lora_magnitude_vector["default"].weight
    assert torch.allclose(length.flatten(), weight.norm(dim=1), atol=1e-6)


def test_ends_that_name_nothing_are_told(checkpoint: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="dora: these ends name no linear layer"):
        apply(load(2, id=str(checkpoint("Llama"))).net, layers=("k_prj",))
