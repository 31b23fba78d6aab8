"""One table of cases for every tuning: it applies, learns, saves, loads, and merges to equal logits."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

from hatetinyllm.errors import BundleError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, logits_of, pad_right
from hatetinyllm.models.weights import read_tensors
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import Tuned, fill_adapter, learning, merged, tune, write_adapter
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
ADAPTERS = ["lora"]
WINDOWS = [[3, 4, 5], [6, 7, 8, 9]]


def made(folder: Path, name: str) -> tuple[Readout, Tuned]:
    torch.manual_seed(0)
    net = load(2, id=str(folder)).net
    return net, tune(net, Choice(name=name))


def shaken(tuned: Tuned) -> Tuned:
    """As after some training: every weight that learns is moved."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return tuned


def test_the_table_of_cases_holds_every_tuning() -> None:
    assert list(TUNINGS) == sorted([*ADAPTERS, "full", "head"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(TUNINGS))
def test_what_learns_changes_and_what_is_frozen_does_not(checkpoint: Checkpoint, kind: str, name: str) -> None:
    net, _ = made(checkpoint(kind), name)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    optimiser = torch.optim.SGD(learning(net).values(), lr=1.0)
    for _ in range(2):  # the first step moves only one of LoRA's two matrices: the other begins at nothing
        torch.nn.functional.cross_entropy(net(*pad_right(WINDOWS)), torch.tensor([0, 1])).backward()
        optimiser.step()
        optimiser.zero_grad()
    learns = set(learning(net))
    moved = {key for key, value in net.state_dict().items() if not torch.equal(value, before[key])}
    assert any(key.startswith("score") for key in moved)
    assert moved <= learns
    if name != "full":  # some biases of attention cannot matter
        assert moved == learns


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_begins_as_the_identity(checkpoint: Checkpoint, kind: str, name: str) -> None:
    torch.manual_seed(0)
    net = load(2, id=str(checkpoint(kind))).net
    before = logits_of(net, WINDOWS)
    tune(net, Choice(name=name))
    assert torch.equal(logits_of(net, WINDOWS), before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_saved_and_loaded_bit_for_bit(checkpoint: Checkpoint, kind: str, name: str, tmp_path: Path) -> None:
    _, tuned = made(checkpoint(kind), name)
    logits = logits_of(shaken(tuned).net, WINDOWS)
    write_adapter(tuned.adapter, tmp_path, base=str(checkpoint(kind)), revision=None)
    torch.manual_seed(2)
    other = load(2, id=str(checkpoint(kind))).net
    again = tune(other, Choice(name=name))
    fill_adapter(again.adapter, read_tensors(tmp_path / "adapter_model.safetensors"), where=tmp_path)
    assert torch.equal(logits_of(again.net, WINDOWS), logits)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_plain_peft_loads_what_we_saved(checkpoint: Checkpoint, kind: str, tmp_path: Path) -> None:
    _, tuned = made(checkpoint(kind), "lora")
    logits = logits_of(shaken(tuned).net, WINDOWS[:1])
    write_adapter(tuned.adapter, tmp_path, base=str(checkpoint(kind)), revision=None)
    theirs = PeftModel.from_pretrained(
        AutoModelForSequenceClassification.from_pretrained(checkpoint(kind), num_labels=2), tmp_path
    )
    with torch.inference_mode():
        found = theirs.eval()(input_ids=torch.tensor(WINDOWS[:1])).logits
    assert found == pytest.approx(logits, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(TUNINGS))
def test_merging_changes_no_logit(checkpoint: Checkpoint, kind: str, name: str) -> None:
    net, tuned = made(checkpoint(kind), name)
    logits = logits_of(shaken(tuned).net, WINDOWS)
    folded = merged(tuned)
    assert folded is net
    assert not [key for key in folded.state_dict() if "lora" in key or "modules_to_save" in key]
    assert logits_of(folded, WINDOWS) == pytest.approx(logits, abs=1e-5)


def test_an_adapter_that_does_not_fit_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    _, tuned = made(checkpoint("Llama"), "lora")
    write_adapter(tuned.adapter, tmp_path, base="x", revision=None)
    other = tune(load(2, id=str(checkpoint("Llama"))).net, Choice(name="lora", options={"rank": 2}))
    with pytest.raises(BundleError, match="does not fit") as caught:
        fill_adapter(other.adapter, read_tensors(tmp_path / "adapter_model.safetensors"), where=tmp_path)
    assert "has shape (8, 32), the adapter's is (2, 32)" in caught.value.problems[0]
