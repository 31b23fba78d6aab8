"""The prefix stands before every text in every layer, exactly as PEFT itself would put it there."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForSequenceClassification, Gemma4TextConfig

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, logits_of, pad_right
from hatetinyllm.models.weights import read_tensors
from hatetinyllm.tuning.prefix import apply, numbers_of
from hatetinyllm.tuning.tune import adapter_tensors, learning, write_adapter

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
WINDOWS = [[3, 4, 5], [6, 7, 8, 9], [9], list(range(2, 32))]  # the last one and the prefix outgrow Mistral's sliding window


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_the_net_says_what_pefts_own_forward_says(checkpoint: Checkpoint, kind: str, tmp_path: Path) -> None:
    tuned = apply(load(2, id=str(checkpoint(kind))).net, tokens=7)
    write_adapter(tuned.adapter, tmp_path, base=str(checkpoint(kind)), revision=None)
    plain = AutoModelForSequenceClassification.from_pretrained(checkpoint(kind), num_labels=2)
    theirs = PeftModel.from_pretrained(plain, tmp_path).eval()
    logits = logits_of(tuned.net, WINDOWS)
    for window, own in zip(WINDOWS, logits, strict=True):
        ids = torch.tensor([window])
        with torch.inference_mode():
            found = theirs(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        assert own == pytest.approx(found[0], abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_prefix_and_the_readout_learn_and_nothing_else(checkpoint: Checkpoint, kind: str) -> None:
    net = load(2, id=str(checkpoint(kind))).net
    grouped = kind in ("Llama", "Mistral")
    apply(net, tokens=3)
    assert {name: tuple(part.shape) for name, part in learning(net).items()} == {
        "score.modules_to_save.default.weight": (2, 32),
        "prefix.default.embedding.weight": (3, 2 * 2 * (16 if grouped else 32)),  # layers, keys and values, heads in a row
    }


def test_the_prefix_begins_as_wide_as_asked(checkpoint: Checkpoint) -> None:
    for spread in (1.0, 0.01):
        tuned = apply(load(2, id=str(checkpoint("OPT"))).net, tokens=40, spread=spread)
        assert tuned.adapter is not None
        assert float(numbers_of(tuned.adapter).detach().std()) == pytest.approx(spread, rel=0.1)


def test_it_takes_room_and_cannot_be_folded_in(checkpoint: Checkpoint) -> None:
    tuned = apply(load(2, id=str(checkpoint("Llama"))).net, tokens=9)
    assert tuned.virtual_tokens == 9
    assert "no change of any weight" in tuned.cannot_merge


@pytest.mark.parametrize("kind", ["Llama", "OPT"])
def test_half_precision_says_nearly_the_same(checkpoint: Checkpoint, kind: str) -> None:
    net = apply(load(2, id=str(checkpoint(kind))).net).net.eval()
    batch = pad_right(WINDOWS)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert net(*batch) == pytest.approx(logits_of(net, WINDOWS), abs=0.02)


def test_its_shapes_are_known_without_its_numbers(checkpoint: Checkpoint, tmp_path: Path) -> None:
    real = load(2, id=str(checkpoint("Llama"))).net
    write_adapter(apply(real).adapter, tmp_path, base="x", revision=None)
    with torch.device("meta"):
        empty = apply(Readout(type(real.decoder)(real.config), 2))
    assert empty.adapter is not None
    shapes = {name: tuple(part.shape) for name, part in adapter_tensors(empty.adapter).items()}
    assert shapes == {name: tuple(part.shape) for name, part in read_tensors(tmp_path / "adapter_model.safetensors").items()}


def test_layers_of_unequal_shapes_are_refused(checkpoint: Checkpoint) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net
    net.config = Gemma4TextConfig(global_head_dim=64)
    with pytest.raises(ModelError, match="unequal shapes"):
        apply(net)
    assert AutoConfig.from_pretrained(checkpoint("Llama")).to_dict().get("per_layer_config") is None
