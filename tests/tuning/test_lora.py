"""LoRA goes where it is told, and says when it cannot."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.tuning.lora import apply
from hatetinyllm.tuning.tune import learning


@pytest.mark.parametrize("kind", ["Llama", "Mistral", "OPT", "Phi"])
def test_the_papers_layers_give_the_papers_count(checkpoint: Callable[[str], Path], kind: str) -> None:
    net = load(2, id=str(checkpoint(kind))).net
    widths = [part.out_features for name, part in net.named_modules() if name.endswith(("k_proj", "v_proj"))]
    apply(net, rank=2, alpha=16, layers=("k_proj", "v_proj"))
    counted = sum(parameter.numel() for name, parameter in learning(net).items() if "lora" in name)
    assert counted == sum(2 * (32 + width) for width in widths)


def test_every_linear_layer_of_the_decoder_is_the_default(checkpoint: Callable[[str], Path]) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net
    apply(net)
    touched = {name.split(".lora_")[0].rpartition(".")[2] for name in learning(net) if "lora" in name}
    assert touched == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def test_ends_that_name_nothing_are_all_told(checkpoint: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="name no linear layer") as caught:
        apply(load(2, id=str(checkpoint("Llama"))).net, layers=("k_prj", "v_proj", "fc9"))
    assert "'k_prj' (did you mean 'k_proj'?)" in caught.value.problems
    assert len(caught.value.problems) == 2
