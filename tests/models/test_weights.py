"""A whole net is written and read in the plain Hugging Face layout."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification

from hatetinyllm.errors import BundleError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import logits_of
from hatetinyllm.models.weights import read_net, write_net, write_shape

WINDOWS = [[3, 4, 5], [6, 7]]


@pytest.fixture(params=["Llama", "OPT", "Phi", "Mistral"])
def saved(request: pytest.FixtureRequest, checkpoint: Callable[[str], Path], tmp_path: Path) -> tuple[Path, torch.Tensor]:
    net = load(2, id=str(checkpoint(request.param))).net
    write_shape(net, tmp_path, ["not_hate", "hate"])
    write_net(net, tmp_path)
    return tmp_path, logits_of(net, WINDOWS)


def test_a_net_comes_back_bit_for_bit(saved: tuple[Path, torch.Tensor]) -> None:
    folder, logits = saved
    assert torch.equal(logits_of(read_net(folder, 2), WINDOWS), logits)


def test_transformers_reads_it_with_its_labels(saved: tuple[Path, torch.Tensor]) -> None:
    folder, logits = saved
    theirs = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    assert theirs.config.id2label == {0: "not_hate", 1: "hate"}
    with torch.inference_mode():
        assert theirs(input_ids=torch.tensor(WINDOWS[:1])).logits == pytest.approx(logits[:1], abs=1e-6)


def test_weights_that_do_not_fit_are_all_named(saved: tuple[Path, torch.Tensor]) -> None:
    folder, _ = saved
    tensors = load_file(folder / "model.safetensors")
    tensors["score.weight"] = torch.zeros(3, 32)
    tensors["foreign"] = torch.zeros(1)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(BundleError, match="do not fit") as caught:
        read_net(folder, 2)
    assert sorted(problem.partition(" ")[0] for problem in caught.value.problems) == ["foreign", "score.weight"]


def test_broken_weights_and_foreign_shapes_are_told(saved: tuple[Path, torch.Tensor]) -> None:
    folder, _ = saved
    (folder / "model.safetensors").write_bytes(b"not tensors")
    with pytest.raises(BundleError, match="no readable weights"):
        read_net(folder, 2)


def test_a_foreign_shape_is_told(saved: tuple[Path, torch.Tensor]) -> None:
    folder, _ = saved
    (folder / "config.json").write_text(json.dumps({"model_type": "made-up"}), encoding="utf-8")
    with pytest.raises(BundleError, match="describes no decoder"):
        read_net(folder, 2)


CHANGES = [{"vocab_size": 10**9}, {"num_hidden_layers": 10**9}, {"hidden_size": "x"}, {"_attn_implementation": "a/b"}]


@pytest.mark.parametrize("change", CHANGES)
def test_a_made_up_shape_is_refused_before_it_is_built(saved: tuple[Path, torch.Tensor], change: dict[str, object]) -> None:
    folder, logits = saved
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, **change}), encoding="utf-8")
    if "_attn_implementation" in change:
        assert torch.equal(logits_of(read_net(folder, 2), WINDOWS), logits)
        return
    with pytest.raises(BundleError):
        read_net(folder, 2)


@pytest.mark.parametrize("kind", ["Llama", "Phi"])
def test_a_readout_with_a_bias_comes_back_with_it(checkpoint: Callable[[str], Path], kind: str, tmp_path: Path) -> None:
    net = load(2, id=str(checkpoint(kind))).net
    without = logits_of(net, WINDOWS)
    net.take_rows(net.score.weight, torch.tensor([1.0, -2.0]))
    write_shape(net, tmp_path, ["not_hate", "hate"])
    write_net(net, tmp_path)
    logits = logits_of(read_net(tmp_path, 2), WINDOWS)
    assert torch.equal(logits, logits_of(net, WINDOWS))
    assert logits - without == pytest.approx(torch.tensor([[1.0, -2.0]] * 2), abs=1e-6)
