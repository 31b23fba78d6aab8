"""IA3 stretches keys, values and the feed-forward part of every architecture, and says when it cannot find them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, logits_of
from hatetinyllm.tuning.ia3 import apply
from hatetinyllm.tuning.tune import learning

STRETCHED = {
    "Llama": {"k_proj": 16, "v_proj": 16, "down_proj": 48},
    "Mistral": {"k_proj": 16, "v_proj": 16, "down_proj": 48},
    "OPT": {"k_proj": 32, "v_proj": 32, "fc2": 48},
    "Phi": {"k_proj": 32, "v_proj": 32, "fc2": 48},
    "GPTNeoX": {"query_key_value": 96, "dense_4h_to_h": 48},
    "GPT2": {"c_attn": 96, "c_proj": 128},
}


def fresh(folder: Path) -> Readout:
    return load(2, id=str(folder)).net


@pytest.mark.parametrize("kind", STRETCHED)
def test_each_architecture_has_its_vectors(checkpoint: Callable[[str], Path], kind: str) -> None:
    net = fresh(checkpoint(kind))
    apply(net)
    vectors = {name: part for name, part in learning(net).items() if "ia3" in name}
    assert len(vectors) == 2 * len(STRETCHED[kind])
    for name, vector in vectors.items():
        assert vector.numel() == STRETCHED[kind][name.split(".ia3_l")[0].rpartition(".")[2]]
    if kind == "GPT2":  # its attention ends in a c_proj too
        assert not [name for name in vectors if "attn.c_proj" in name]


def test_the_keys_are_stretched_at_their_output_and_the_feed_forward_part_at_its_input(checkpoint: Callable[[str], Path]) -> None:
    net, window = fresh(checkpoint("Llama")), [[3, 4, 5]]
    by_hand = fresh(checkpoint("Llama"))
    by_hand.load_state_dict(net.state_dict())
    apply(net)
    stretch_keys, stretch_inner = torch.rand(16) + 0.5, torch.rand(48) + 0.5
    with torch.no_grad():
        for name, vector in learning(net).items():
            if "layers.0" in name and ("k_proj" in name or "down_proj" in name):
                vector.copy_((stretch_keys if "k_proj" in name else stretch_inner).reshape(vector.shape))
        layer = by_hand.get_submodule("model.layers.0")
        layer.self_attn.k_proj.weight.mul_(stretch_keys[:, None])
        layer.mlp.down_proj.weight.mul_(stretch_inner[None, :])
    assert logits_of(net, window) == pytest.approx(logits_of(by_hand, window), abs=1e-6)


def test_other_layers_can_be_named(checkpoint: Callable[[str], Path]) -> None:
    net = fresh(checkpoint("Llama"))
    apply(net, layers=("q_proj",), feed_forward=("mlp.up_proj", "mlp.gate_proj"))
    touched = {name.split(".ia3_l")[0].rpartition(".")[2] for name in learning(net) if "ia3" in name}
    assert touched == {"q_proj", "up_proj", "gate_proj"}


def test_a_layer_named_for_both_ends_is_told(checkpoint: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="named for both") as caught:
        apply(fresh(checkpoint("Llama")), layers=("k_proj", "down_proj"))
    assert caught.value.problems == ("model.layers.0.mlp.down_proj", "model.layers.1.mlp.down_proj")


def test_an_unknown_architecture_asks_for_names() -> None:
    class Odd(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = torch.nn.Linear(2, 2)

    with pytest.raises(ModelError, match="which layers give keys and values") as caught:
        apply(Odd())
    assert "layers" in caught.value.problems[0]
