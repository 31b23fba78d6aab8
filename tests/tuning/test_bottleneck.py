"""The bottleneck as an adapter of PEFT: exact at the start, saved whole, loaded by PEFT alone, and clear in what it cannot do."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from peft import PeftModel, get_peft_model
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from torch import nn
from torch.nn import functional
from transformers import AutoModelForSequenceClassification

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, logits_of, pad_right
from hatetinyllm.models.weights import read_tensors
from hatetinyllm.tuning import houlsby
from hatetinyllm.tuning.bottleneck import ACTIVATIONS, BottleneckConfig, BottleneckLayer, register
from hatetinyllm.tuning.tune import Tuned, adapter_tensors, fill_adapter, learning, merged, write_adapter

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
WINDOWS = [[3, 4, 5], [6, 7, 8, 9], [10]]


def made(folder: Path, **options: object) -> Tuned:
    torch.manual_seed(0)
    return houlsby.apply(load(2, id=str(folder)).net, **options)


def shaken(tuned: Tuned, seed: int = 1) -> Tuned:
    """As after some training: every weight that learns is moved."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return tuned


def layer_of(width: int = 6, m: int = 3, **options: object) -> BottleneckLayer:
    torch.manual_seed(0)
    return BottleneckLayer(nn.Linear(4, width), "default", BottleneckConfig(bottleneck=m, **options))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_layer_is_its_formula(activation: str) -> None:
    layer, x = layer_of(activation=activation), torch.randn(2, 4)
    down, up = layer.houlsby_down["default"], layer.houlsby_up["default"]
    nn.init.normal_(up.weight)
    nn.init.normal_(up.bias)
    h = x @ layer.base_layer.weight.T + layer.base_layer.bias
    f = getattr(functional, activation)
    assert torch.allclose(layer(x), h + f(h @ down.weight.T + down.bias) @ up.weight.T + up.bias, atol=1e-6)


def test_a_fresh_bottleneck_is_the_identity_but_learns_from_the_first_step() -> None:
    layer, x = layer_of(), torch.randn(2, 4)
    assert torch.equal(layer(x), layer.base_layer(x))
    layer(x).sum().backward()
    assert layer.houlsby_up["default"].weight.grad.abs().sum() > 0


def test_the_way_down_begins_small_and_cut_at_two_deviations() -> None:
    torch.manual_seed(0)
    (down,) = layer_of(width=256, m=64).houlsby_down.values()
    assert down.weight.abs().max() <= 0.02
    assert float(down.weight.detach().std()) == pytest.approx(0.0088, abs=0.0005)  # a normal of .01 that is cut at .02


def test_dropout_works_in_training_alone() -> None:
    layer, x = layer_of(m=32, dropout=0.5), torch.randn(2, 4)
    nn.init.normal_(layer.houlsby_up["default"].weight)
    assert not torch.equal(layer.train()(x), layer(x))
    assert torch.equal(layer.eval()(x), layer(x))


def test_the_bottleneck_computes_in_32_bits_on_a_net_of_fewer() -> None:
    layer = BottleneckLayer(nn.Linear(4, 6).bfloat16(), "default", BottleneckConfig(bottleneck=3))
    assert {parameter.dtype for parameter in layer.houlsby_up.parameters()} == {torch.float32}
    x = torch.randn(2, 4, dtype=torch.bfloat16)
    assert layer(x).dtype == torch.bfloat16
    assert torch.equal(layer(x), layer.base_layer(x))


def test_an_unknown_activation_is_told() -> None:
    with pytest.raises(ModelError, match="no activation is called 'gelo'") as caught:
        BottleneckConfig(activation="gelo")
    assert caught.value.problems == ("did you mean 'gelu'?",)


@pytest.mark.parametrize("kind", KINDS)
def test_the_adapter_file_holds_every_weight_that_learns(checkpoint: Checkpoint, kind: str) -> None:
    tuned = made(checkpoint(kind), bottleneck=3, norms=True)
    saved = adapter_tensors(tuned.adapter)
    assert sum(tensor.numel() for tensor in saved.values()) == sum(p.numel() for p in learning(tuned.net).values())
    assert "base_model.model.score.weight" in saved
    assert sum(".houlsby_" in name for name in saved) == 2 * 2 * 4


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("norms", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_peft_alone_loads_what_we_saved(checkpoint: Checkpoint, kind: str, norms: bool, tmp_path: Path) -> None:
    tuned = shaken(made(checkpoint(kind), norms=norms))
    write_adapter(tuned.adapter, tmp_path, base=str(checkpoint(kind)), revision=None)
    theirs = AutoModelForSequenceClassification.from_pretrained(checkpoint(kind), num_labels=2)
    loaded = PeftModel.from_pretrained(theirs, tmp_path, low_cpu_mem_usage=norms).eval()
    ids = torch.tensor(WINDOWS[:1])
    with torch.inference_mode():
        assert loaded(input_ids=ids).logits == pytest.approx(logits_of(tuned.net, WINDOWS[:1]), abs=1e-5)
    with pytest.raises(ModelError, match="adapter_names"):
        loaded(input_ids=ids, adapter_names=["default"])


def test_peft_alone_stops_where_the_tuner_is_not_registered(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_adapter(made(checkpoint("Llama")).adapter, tmp_path, base="x", revision=None)
    monkeypatch.delitem(PEFT_TYPE_TO_CONFIG_MAPPING, "HOULSBY")
    theirs = AutoModelForSequenceClassification.from_pretrained(checkpoint("Llama"), num_labels=2)
    with pytest.raises(KeyError, match="HOULSBY"):
        PeftModel.from_pretrained(theirs, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_trained_is_loaded_bit_for_bit(checkpoint: Checkpoint, kind: str, tmp_path: Path) -> None:
    options: dict[str, object] = {"bottleneck": 4, "activation": "silu", "norms": True}
    tuned = made(checkpoint(kind), **options)
    optimiser = torch.optim.AdamW(learning(tuned.net).values(), lr=1e-2)
    for _ in range(3):
        functional.cross_entropy(tuned.net(*pad_right(WINDOWS)), torch.tensor([0, 1, 1])).backward()
        optimiser.step()
        optimiser.zero_grad()
    write_adapter(tuned.adapter, tmp_path, base="x", revision=None)
    again = made(checkpoint(kind), **options)
    before = logits_of(again.net, WINDOWS)
    fill_adapter(again.adapter, read_tensors(tmp_path / "adapter_model.safetensors"), where=tmp_path)
    assert torch.equal(logits_of(again.net, WINDOWS), logits_of(tuned.net, WINDOWS))
    assert not torch.equal(logits_of(again.net, WINDOWS), before)


@pytest.mark.parametrize("kind", KINDS)
def test_alone_is_as_in_a_batch(checkpoint: Checkpoint, kind: str) -> None:
    net = shaken(made(checkpoint(kind))).net
    alone = torch.cat([logits_of(net, [window]) for window in WINDOWS])
    assert logits_of(net, WINDOWS) == pytest.approx(alone, abs=1e-5)


def test_a_second_adapter_is_added_switched_and_taken_away(checkpoint: Checkpoint) -> None:
    bare = logits_of(load_of(checkpoint("Llama")), WINDOWS)
    tuned = shaken(made(checkpoint("Llama")))
    first = logits_of(tuned.net, WINDOWS)
    places = ["model.layers.1.mlp.down_proj"]
    second = BottleneckConfig(bottleneck=2, activation="relu", target_modules=places, modules_to_save=["score"])
    tuned.adapter.add_adapter("second", second)
    assert torch.equal(logits_of(tuned.net, WINDOWS), first)
    tuned.adapter.set_adapter("second")
    assert {name.split(".")[-2] for name in learning(tuned.net)} == {"second"}
    shaken(tuned, seed=2)
    other = logits_of(tuned.net, WINDOWS)
    assert not torch.equal(other, first)
    tuned.adapter.set_adapter("default")
    assert torch.equal(logits_of(tuned.net, WINDOWS), first)
    with tuned.adapter.disable_adapter():
        assert torch.equal(logits_of(tuned.net, WINDOWS), bare)
    tuned.adapter.set_adapter("second")
    tuned.adapter.delete_adapter("default")
    assert torch.equal(logits_of(tuned.net, WINDOWS), other)
    assert {".".join(name.split(".")[-2:]) for name in tuned.net.state_dict() if "houlsby" in name} == {
        "second.weight",
        "second.bias",
    }


def load_of(folder: Path) -> Readout:
    torch.manual_seed(0)
    return load(2, id=str(folder)).net


def test_a_copy_is_a_net_of_its_own(checkpoint: Checkpoint) -> None:
    tuned = made(checkpoint("Llama"))
    before = logits_of(tuned.net, WINDOWS)
    copy = deepcopy(tuned.adapter)
    shaken(Tuned(net=copy.get_base_model(), adapter=copy))
    assert torch.equal(logits_of(tuned.net, WINDOWS), before)
    assert not torch.equal(logits_of(copy.get_base_model(), WINDOWS), before)


def test_merging_says_why_it_cannot(checkpoint: Checkpoint) -> None:
    tuned = made(checkpoint("Llama"))
    assert "non-linearity" in tuned.cannot_merge
    for merge in (lambda: merged(tuned), tuned.adapter.merge_and_unload, tuned.adapter.merge_adapter, layer_of().merge):
        with pytest.raises(ModelError, match="cannot be folded into the weights: a bottleneck has a non-linearity"):
            merge()


def test_a_layer_that_is_not_linear_is_refused() -> None:
    register()
    net = nn.Sequential(nn.LayerNorm(4))
    with pytest.raises(ModelError, match="0 is a LayerNorm"):
        get_peft_model(net, BottleneckConfig(target_modules=["0"]))


def test_peft_alone_knows_where_houlsbys_adapters_go(checkpoint: Checkpoint) -> None:
    register()
    get_peft_model(net := load_of(checkpoint("OPT")), BottleneckConfig(bottleneck=2))
    assert {name.split(".houlsby_")[0].rpartition(".")[2] for name in learning(net)} == {"out_proj", "fc2"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_shapes_can_be_had_without_weights(checkpoint: Checkpoint, kind: str) -> None:
    real = adapter_tensors(made(checkpoint(kind)).adapter)
    net = load_of(checkpoint(kind)).to("meta")
    with torch.device("meta"):
        outlined = adapter_tensors(houlsby.apply(net).adapter)
    assert {name: tensor.shape for name, tensor in outlined.items()} == {name: tensor.shape for name, tensor in real.items()}
    assert {tensor.device.type for tensor in outlined.values()} == {"meta"}
