"""Two bottlenecks a block, of the sizes the reference computed; the readings of "Adapter Layer Added 2"; and their options."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModel, LlamaConfig, OPTConfig, PhiConfig, PreTrainedConfig

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout
from hatetinyllm.tuning.houlsby import apply
from hatetinyllm.tuning.tune import learning

Checkpoint = Callable[[str], Path]
TINYLLAMA = LlamaConfig(
    hidden_size=2048, intermediate_size=5632, num_hidden_layers=22, num_attention_heads=32, num_key_value_heads=4
)
PHI_2 = PhiConfig(hidden_size=2560, intermediate_size=10240, num_hidden_layers=32, num_attention_heads=32, vocab_size=51200)
OPT_1_3B = OPTConfig(
    hidden_size=2048, ffn_dim=8192, num_hidden_layers=24, num_attention_heads=32, vocab_size=50272, word_embed_proj_dim=2048
)
COUNTS = {  # of the reference page: the adapters alone, by the width of the bottleneck
    1: (270_380, 491_584, 294_960),
    2: (450_648, 819_328, 491_616),
    8: (1_532_256, 2_785_792, 1_671_552),
    64: (11_627_264, 21_139_456, 12_684_288),
}


def added(net: Readout) -> dict[str, int]:
    return {name: parameter.numel() for name, parameter in learning(net).items() if not name.startswith("score")}


def outline(config: PreTrainedConfig) -> Readout:
    with torch.device("meta"):
        return Readout(AutoModel.from_config(config), 2)


@pytest.mark.parametrize(("place", "config"), [*enumerate((TINYLLAMA, PHI_2, OPT_1_3B))], ids=["tinyllama", "phi-2", "opt-1.3b"])
@pytest.mark.parametrize("bottleneck", COUNTS)
def test_the_real_models_learn_as_many_weights_as_computed(config: PreTrainedConfig, place: int, bottleneck: int) -> None:
    net = outline(config)
    apply(net, bottleneck=bottleneck)
    assert sum(added(net).values()) == COUNTS[bottleneck][place]


def test_the_other_reading_is_two_adapters_in_the_whole_net() -> None:
    net = outline(TINYLLAMA)
    apply(net, blocks="last")
    d, m = 2048, 64
    assert sum(added(net).values()) == 2 * (2 * d * m + d + m)
    assert {name.split(".houlsby_")[0] for name in added(net)} == {
        "model.layers.21.self_attn.o_proj",
        "model.layers.21.mlp.down_proj",
    }


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        ("Llama", {"self_attn.o_proj", "mlp.down_proj"}),
        ("Mistral", {"self_attn.o_proj", "mlp.down_proj"}),
        ("OPT", {"self_attn.out_proj", "fc2"}),
        ("Phi", {"self_attn.dense", "mlp.fc2"}),
        ("GPTNeoX", {"attention.dense", "mlp.dense_4h_to_h"}),
        ("GPT2", {"attn.c_proj", "mlp.c_proj"}),
    ],
)
def test_each_branch_of_each_block_ends_in_a_bottleneck(checkpoint: Checkpoint, kind: str, ends: set[str]) -> None:
    net = load(2, id=str(checkpoint(kind))).net
    apply(net)
    layers = {name.split(".houlsby_")[0] for name in added(net)}
    assert len(layers) == 4
    assert {layer.split(f".{number}.")[1] for layer in layers for number in (0, 1) if f".{number}." in layer} == ends


def test_named_layers_take_the_place_of_the_usual_ones(checkpoint: Checkpoint) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net
    apply(net, layers=("k_proj", "v_proj"), bottleneck=2)
    assert {name.split(".houlsby_")[0].rpartition(".")[2] for name in added(net)} == {"k_proj", "v_proj"}
    assert sum(added(net).values()) == 4 * (2 * 16 * 2 + 16 + 2)  # two key and value heads of 8


def test_the_norms_learn_if_they_are_let(checkpoint: Checkpoint) -> None:
    net = load(2, id=str(checkpoint("OPT"))).net
    apply(net, norms=True)
    norms = [name for name in added(net) if ".houlsby_" not in name]
    assert len(norms) == 2 * (2 * 2 + 1)


def test_an_unknown_architecture_is_told_and_takes_named_layers() -> None:
    net = outline(LlamaConfig(hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=4, vocab_size=32))
    net.config = SimpleNamespace(model_type="falcon")
    with pytest.raises(ModelError, match=r"houlsby: .*'falcon' is not known"):
        apply(net)
    apply(net, layers=("o_proj",))
    assert len(added(net)) == 4
