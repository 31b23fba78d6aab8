"""Which biases learn in which net, how many, and where they end when the adapter is folded in."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoModel, OPTConfig, Qwen2Config

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, logits_of
from hatetinyllm.tuning.bitfit import apply, choose_layers
from hatetinyllm.tuning.tune import Tuned, adapter_tensors, learning, merged

Checkpoint = Callable[[str], Path]
WITH_BIASES = ["OPT", "Phi", "GPTNeoX", "GPT2"]
WITHOUT = ["Llama", "Mistral"]
WINDOWS = [[3, 4, 5], [6, 7, 8, 9], [10]]


def net_of(folder: Path) -> Readout:
    """With biases that are not zero, as they are in a fresh net."""
    torch.manual_seed(0)
    net = load(2, id=str(folder)).net
    for name, parameter in net.named_parameters():
        if name.endswith("bias"):
            nn.init.normal_(parameter, std=0.1)
    return net


def shaken(tuned: Tuned) -> Tuned:
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return tuned


@pytest.mark.parametrize("kind", WITH_BIASES)
def test_every_bias_of_the_net_learns_and_nothing_else(checkpoint: Checkpoint, kind: str) -> None:
    net = net_of(checkpoint(kind))
    biases = {name.removesuffix(".bias"): p.numel() for name, p in net.named_parameters() if name.endswith(".bias")}
    apply(net)
    vectors = {name.split(".bitfit_")[0]: p.numel() for name, p in learning(net).items() if ".bitfit_" in name}
    assert vectors == biases


@pytest.mark.parametrize("kind", WITHOUT)
def test_a_net_without_biases_is_given_one_for_every_linear_layer(checkpoint: Checkpoint, kind: str) -> None:
    tuned = apply(net_of(checkpoint(kind)))
    assert sum(".bitfit_" in name for name in learning(tuned.net)) == 2 * 7
    assert tuned.cannot_merge.startswith("14 of its 14 vectors stand on layers that have no bias")
    with pytest.raises(ModelError, match="the architecture has no place for them"):
        merged(tuned)


@pytest.mark.parametrize("kind", WITH_BIASES)
def test_folding_in_gives_the_plain_net_with_other_biases(checkpoint: Checkpoint, kind: str) -> None:
    before = net_of(checkpoint(kind)).state_dict()
    tuned = shaken(apply(net_of(checkpoint(kind))))
    assert tuned.cannot_merge == ""
    logits = logits_of(tuned.net, WINDOWS)
    after = merged(tuned).state_dict()
    assert list(after) == list(before)
    assert {name.rpartition(".")[2] for name in after if not torch.equal(after[name], before[name])} == {"bias", "weight"}
    assert [name for name in after if name.endswith("weight") and not torch.equal(after[name], before[name])] == ["score.weight"]
    assert logits_of(tuned.net, WINDOWS) == pytest.approx(logits, abs=1e-5)


@pytest.mark.parametrize("kind", [*WITH_BIASES, *WITHOUT])
def test_alone_is_as_in_a_batch(checkpoint: Checkpoint, kind: str) -> None:
    net = shaken(apply(net_of(checkpoint(kind)))).net
    alone = torch.cat([logits_of(net, [window]) for window in WINDOWS])
    assert logits_of(net, WINDOWS) == pytest.approx(alone, abs=1e-5)


def test_of_a_net_that_has_some_biases_these_learn() -> None:
    small = Qwen2Config(vocab_size=32, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4)
    with torch.device("meta"):
        net = Readout(AutoModel.from_config(small), 2)
        chosen = choose_layers(net)
        tuned = apply(net)
    assert {name.rpartition(".")[2] for name in chosen} == {"q_proj", "k_proj", "v_proj"}
    assert tuned.cannot_merge == ""
    assert {tensor.device.type for tensor in adapter_tensors(tuned.adapter).values()} == {"meta"}


def test_opt_1_3b_has_so_many_biases() -> None:
    width, inner, blocks = 2048, 8192, 24
    config = OPTConfig(
        hidden_size=width, ffn_dim=inner, num_hidden_layers=blocks, num_attention_heads=32, word_embed_proj_dim=width
    )
    with torch.device("meta"):
        net = Readout(AutoModel.from_config(config), 2)
        apply(net)
    counted = sum(parameter.numel() for name, parameter in learning(net).items() if ".bitfit_" in name)
    assert counted == blocks * (4 * width + inner + width + 2 * width) + width  # attention, fc1, fc2, two norms; the last norm


def test_named_layers_learn_alone(checkpoint: Checkpoint) -> None:
    tuned = apply(net_of(checkpoint("OPT")), layers=("fc1", "final_layer_norm"))
    chosen = {name.split(".bitfit_")[0].rpartition(".")[2] for name in learning(tuned.net) if ".bitfit_" in name}
    assert chosen == {"fc1", "final_layer_norm"}


def test_ends_that_name_nothing_are_told(checkpoint: Checkpoint) -> None:
    with pytest.raises(ModelError, match="name no layer that can have a bias") as caught:
        apply(net_of(checkpoint("Llama")), layers=("input_layernorm", "down_prj"))
    assert caught.value.problems[1] == "'down_prj' (did you mean 'down_proj'?)"
    assert len(caught.value.problems) == 2
