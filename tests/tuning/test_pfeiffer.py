"""One bottleneck a block: half of Houlsby's, in the same form on disk."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import logits_of
from hatetinyllm.tuning import houlsby
from hatetinyllm.tuning.pfeiffer import apply
from hatetinyllm.tuning.tune import Tuned, learning, write_adapter

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
WINDOWS = [[3, 4, 5], [6, 7, 8, 9], [10]]


def made(folder: Path, **options: object) -> Tuned:
    torch.manual_seed(0)
    return apply(load(2, id=str(folder)).net, **options)


def bottlenecks(tuned: Tuned) -> dict[str, int]:
    return {name: parameter.numel() for name, parameter in learning(tuned.net).items() if ".houlsby_" in name}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_half_of_houlsbys(checkpoint: Checkpoint, kind: str) -> None:
    both = bottlenecks(houlsby.apply(load(2, id=str(checkpoint(kind))).net, bottleneck=5))
    one = bottlenecks(made(checkpoint(kind), bottleneck=5))
    assert 2 * sum(one.values()) == sum(both.values())
    assert {*one} < {*both}
    assert not [name for name in one if "attn" in name or "attention" in name]


@pytest.mark.parametrize("kind", KINDS)
def test_alone_is_as_in_a_batch(checkpoint: Checkpoint, kind: str) -> None:
    net = made(checkpoint(kind)).net
    with torch.no_grad():
        for parameter in learning(net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    alone = torch.cat([logits_of(net, [window]) for window in WINDOWS])
    assert logits_of(net, WINDOWS) == pytest.approx(alone, abs=1e-5)


def test_the_last_block_alone_and_named_layers(checkpoint: Checkpoint) -> None:
    last = {name.split(".houlsby_")[0] for name in bottlenecks(made(checkpoint("Llama"), blocks="last"))}
    assert last == {"model.layers.1.mlp.down_proj"}
    named = {name.split(".houlsby_")[0] for name in bottlenecks(made(checkpoint("Llama"), layers=("0.mlp.up_proj",)))}
    assert named == {"model.layers.0.mlp.up_proj"}


def test_its_file_says_what_peft_needs(checkpoint: Checkpoint, tmp_path: Path) -> None:
    write_adapter(made(checkpoint("OPT"), bottleneck=5).adapter, tmp_path, base="x", revision=None)
    config = json.loads((tmp_path / "adapter_config.json").read_text(encoding="utf-8"))
    assert (config["peft_type"], config["bottleneck"], config["activation"]) == ("HOULSBY", 5, "relu")
    assert config["target_modules"] == ["model.decoder.layers.0.fc2", "model.decoder.layers.1.fc2"]
