"""Where adapters go: the ends of both branches of every architecture we know, and a clear word for one we do not."""

from types import SimpleNamespace

import pytest
import torch
import transformers
from torch import nn
from transformers import AutoModel

from hatetinyllm.errors import ModelError
from hatetinyllm.models.readout import Readout
from hatetinyllm.tuning.places import ENDS, ends_of, find_layers, fitting, norms_of, of_last_block

SMALL = {"vocab_size": 32, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "pad_token_id": 0}


def net_of(model_type: str) -> Readout:
    config = transformers.CONFIG_MAPPING[model_type](**SMALL)
    with torch.device("meta"):
        return Readout(AutoModel.from_config(config), 2)


@pytest.mark.parametrize("model_type", ENDS)
def test_both_branches_of_every_block_end_in_a_layer_as_wide_as_the_block(model_type: str) -> None:
    net = net_of(model_type)
    ends = ends_of(net, "houlsby")
    for end in (ends.attention, ends.feed_forward):
        found = find_layers(net, (end,), "houlsby")
        assert len(found) == 2
        for name in found:
            layer = net.get_submodule(name)
            assert (layer.out_features if isinstance(layer, nn.Linear) else layer.nf) == 32


def test_an_unknown_architecture_is_told_how_to_name_its_layers() -> None:
    net = nn.Linear(2, 2)
    net.config = SimpleNamespace(model_type="falcon")
    with pytest.raises(ModelError, match="'falcon' is not known") as caught:
        ends_of(net, "houlsby")
    assert "option layers" in caught.value.problems[1]


def test_the_readout_is_never_among_the_layers() -> None:
    assert len(find_layers(net_of("llama"), (), "lora")) == 14
    with pytest.raises(ModelError, match="houlsby: these ends name no linear layer"):
        find_layers(net_of("llama"), ("score",), "houlsby")


def test_ends_that_fit_nothing_are_all_told() -> None:
    with pytest.raises(ModelError, match="nothing") as caught:
        fitting(["a.o_proj", "a.fc2"], ("o_prj", "fc2", "zzz"), "these name nothing")
    assert caught.value.problems == ("'o_prj' (did you mean 'o_proj'?)", "'zzz' (known: fc2, o_proj)")


def test_the_last_block_is_the_one_of_the_highest_number() -> None:
    names = [f"model.layers.{number}.mlp.down_proj" for number in (2, 9, 10)]
    assert of_last_block([*names, "model.layers.10.self_attn.o_proj"]) == [names[2], "model.layers.10.self_attn.o_proj"]


def test_layers_that_stand_in_no_block_are_kept_as_they_are() -> None:
    assert of_last_block(["project_in", "project_out"]) == ["project_in", "project_out"]


@pytest.mark.parametrize(
    ("model_type", "count"), [("llama", 5), ("opt", 5), ("phi", 3), ("gpt2", 5), ("qwen3", 9), ("gemma3_text", 13)]
)
def test_the_norms_of_a_decoder_are_found_whatever_their_class(model_type: str, count: int) -> None:
    assert len(norms_of(net_of(model_type))) == count
