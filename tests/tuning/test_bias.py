"""A vector beside a bias: exact at the start, saved, loaded by PEFT alone, and merged where there is a bias to merge into."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import PeftModel, get_peft_model
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from torch import nn
from transformers import AutoModelForSequenceClassification
from transformers.pytorch_utils import Conv1D

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import logits_of
from hatetinyllm.tuning import bitfit
from hatetinyllm.tuning.bias import BiasConfig, BiasLayer, register, width_of
from hatetinyllm.tuning.tune import Tuned, learning, write_adapter

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
WINDOWS = [[3, 4, 5], [6, 7, 8, 9], [10]]
LAYERS = {"Linear": nn.Linear(6, 6), "Conv1D": Conv1D(6, 6), "LayerNorm": nn.LayerNorm(6)}


def shaken(tuned: Tuned, seed: int = 1) -> Tuned:
    """As after some training: every weight that learns is moved."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return tuned


def made(folder: Path) -> Tuned:
    torch.manual_seed(0)
    return shaken(bitfit.apply(load(2, id=str(folder)).net))


def layer_of(base: nn.Module) -> BiasLayer:
    torch.manual_seed(0)
    if base.bias is not None:
        nn.init.normal_(base.bias)
    return BiasLayer(base, "default")


@pytest.mark.parametrize("base", LAYERS.values(), ids=LAYERS)
def test_the_vector_is_added_to_the_output(base: nn.Module) -> None:
    layer, x = layer_of(base), torch.randn(2, 6)
    assert width_of(base) == 6
    assert torch.equal(layer(x), base(x))
    nn.init.normal_(layer.bitfit_vector["default"])
    assert torch.equal(layer(x), base(x) + layer.bitfit_vector["default"])


@pytest.mark.parametrize("base", LAYERS.values(), ids=LAYERS)
def test_a_merge_moves_the_vector_into_the_bias_and_back_bit_for_bit(base: nn.Module) -> None:
    layer, x = layer_of(base), torch.randn(2, 6)
    nn.init.normal_(layer.bitfit_vector["default"])
    own, expected = base.bias.detach().clone(), layer(x)
    layer.merge(safe_merge=True)
    assert torch.equal(base.bias, own + layer.bitfit_vector["default"])
    assert torch.allclose(layer(x), expected, atol=1e-6)
    assert torch.equal(layer(x), base(x))
    layer.unmerge()
    assert torch.equal(base.bias, own)
    assert torch.equal(layer(x), expected)


def test_a_disabled_adapter_that_was_merged_leaves_the_layer_as_it_was() -> None:
    layer, x = layer_of(nn.Linear(6, 6)), torch.randn(2, 6)
    nn.init.normal_(layer.bitfit_vector["default"])
    own = layer.base_layer(x)
    layer.merge()
    layer.enable_adapters(False)
    assert torch.equal(layer(x), own)


def test_a_vector_that_is_no_number_is_not_merged() -> None:
    layer = layer_of(nn.Linear(6, 6))
    nn.init.constant_(layer.bitfit_vector["default"], float("nan"))
    with pytest.raises(ModelError, match="no numbers"):
        layer.merge(safe_merge=True)
    assert layer.base_layer.bias.isfinite().all()


def test_a_layer_without_a_bias_has_no_place_for_the_vector() -> None:
    with pytest.raises(ModelError, match="1 of its 1 vectors stand on layers that have no bias"):
        layer_of(nn.Linear(6, 6, bias=False)).merge()


def test_a_net_that_can_be_merged_only_in_part_is_left_alone() -> None:
    register()
    net = nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 6, bias=False))
    adapter = get_peft_model(net, BiasConfig(target_modules=["0", "1"]))
    nn.init.normal_(net[0].bitfit_vector["default"])
    own = net[0].base_layer.bias.clone()
    with pytest.raises(ModelError, match="1 of its 2 vectors"):
        adapter.merge_and_unload()
    assert torch.equal(net[0].base_layer.bias, own)


def test_the_vector_has_32_bits_on_a_net_of_fewer() -> None:
    layer, x = BiasLayer(nn.Linear(6, 6).bfloat16(), "default"), torch.randn(2, 6, dtype=torch.bfloat16)
    assert layer.bitfit_vector["default"].dtype == torch.float32
    assert layer(x).dtype == torch.bfloat16


def test_a_layer_that_can_have_no_bias_is_refused() -> None:
    register()
    with pytest.raises(ModelError, match="0 is a GELU"):
        get_peft_model(nn.Sequential(nn.GELU(), nn.Linear(2, 2)), BiasConfig(target_modules=["0"]))


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_peft_alone_loads_what_we_saved(checkpoint: Checkpoint, kind: str, small: bool, tmp_path: Path) -> None:
    tuned = made(checkpoint(kind))
    write_adapter(tuned.adapter, tmp_path, base=str(checkpoint(kind)), revision=None)
    theirs = AutoModelForSequenceClassification.from_pretrained(checkpoint(kind), num_labels=2)
    loaded = PeftModel.from_pretrained(theirs, tmp_path, low_cpu_mem_usage=small).eval()
    ids = torch.tensor(WINDOWS[:1])
    with torch.inference_mode():
        assert loaded(input_ids=ids).logits == pytest.approx(logits_of(tuned.net, WINDOWS[:1]), abs=1e-5)
    with pytest.raises(ModelError, match="adapter_names"):
        loaded(input_ids=ids, adapter_names=["default"])


def test_peft_alone_stops_where_the_tuner_is_not_registered(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_adapter(made(checkpoint("OPT")).adapter, tmp_path, base="x", revision=None)
    monkeypatch.delitem(PEFT_TYPE_TO_CONFIG_MAPPING, "BITFIT")
    theirs = AutoModelForSequenceClassification.from_pretrained(checkpoint("OPT"), num_labels=2)
    with pytest.raises(KeyError, match="BITFIT"):
        PeftModel.from_pretrained(theirs, tmp_path)


def test_a_second_adapter_is_added_and_switched(checkpoint: Checkpoint) -> None:
    torch.manual_seed(0)
    bare = logits_of(load(2, id=str(checkpoint("OPT"))).net, WINDOWS)
    tuned = made(checkpoint("OPT"))
    first = logits_of(tuned.net, WINDOWS)
    tuned.adapter.add_adapter("second", BiasConfig(target_modules=["fc1"], modules_to_save=["score"]))
    tuned.adapter.set_adapter("second")
    assert not torch.equal(logits_of(shaken(tuned, seed=2).net, WINDOWS), first)
    tuned.adapter.set_adapter("default")
    assert torch.equal(logits_of(tuned.net, WINDOWS), first)
    with tuned.adapter.disable_adapter():
        assert torch.equal(logits_of(tuned.net, WINDOWS), bare)
