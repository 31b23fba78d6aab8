"""
One table of cases for every tuning, on tiny checkpoints of real architectures, in 32-bit floats.

It applies, learns, saves, loads and merges; and a text gets the same logits alone, in a batch, padded on the right, padded
on the left and with the adapter folded in. Our nets know no padding on the left: there the same weights are read by
Transformers' own classifier, with an attention mask and positions, under the adapter as plain PEFT loads it, or with all
weights as they are exported.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification

from hatetinyllm.errors import BundleError, ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, logits_of, pad_right
from hatetinyllm.models.weights import read_tensors, write_net, write_shape
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import Tuned, adapter_tensors, fill_adapter, learning, merged, tune, write_adapter
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
PAPER = ["Llama", "Mistral", "OPT", "Phi"]  # Llama and Mistral here with grouped queries
WINDOWS = [[3, 4, 5], [6, 7, 8, 9], [9], [10, 9, 8, 7, 6, 5, 4, 3, 2]]
TOLERANCE = 1e-5

NEEDS_GPU_EXTRA = pytest.mark.skipif(find_spec("bitsandbytes") is None, reason="bitsandbytes is not here: install the extra gpu")
NAMES = [pytest.param(name, marks=[NEEDS_GPU_EXTRA] if name == "qlora" else []) for name in TUNINGS]
WHOLE = ["full", "head"]  # no adapter: all weights are saved
ADAPTERS = [name for name in NAMES if name.values[0] not in WHOLE]
PLAIN = [name for name in NAMES if name.values[0] != "qlora"]  # its base is one of 4 bits, and Transformers' is not
NOT_THE_BASE_AT_FIRST = {"prefix", "qlora"}  # keys and values that were not there; weights of 4 bits
OPTIONS = {"prefix": {"tokens": 5}}

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def made(folder: Path, name: str, n_labels: int = 2) -> Tuned:
    torch.manual_seed(0)
    return tune(load(n_labels, id=str(folder)).net, Choice(name=name, options=OPTIONS.get(name, {})))


def shaken(tuned: Tuned) -> Tuned:
    """As after some training: every weight that learns is moved."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return tuned


def plain_model(tuned: Tuned, base: Path, folder: Path) -> Any:
    """What Transformers and PEFT make of a tuned net that was saved."""
    net = tuned.net
    assert isinstance(net, Readout)
    folder.mkdir(exist_ok=True)
    write_shape(net, folder, [f"label {index}" for index in range(adapter_rows(tuned))])
    if tuned.adapter is None:
        write_net(net, folder)
        return AutoModelForSequenceClassification.from_pretrained(folder).eval()
    write_adapter(tuned.adapter, folder, base=str(base), revision=None)
    config = AutoConfig.from_pretrained(folder)
    own = AutoModelForSequenceClassification.from_pretrained(base, config=config)
    return PeftModel.from_pretrained(own, folder).eval()


def adapter_rows(tuned: Tuned) -> int:
    """How many labels a net answers."""
    return len(next(tensor for name, tensor in tuned.net.state_dict().items() if name.startswith("score")))


@torch.inference_mode()
def padded_logits(model: Any, windows: Sequence[Sequence[int]], *, left: bool) -> Tensor:
    """Logits of a batch by Transformers, padded on one side with its pad token, masked."""
    longest = max(map(len, windows))
    ids = torch.full((len(windows), longest), model.config.pad_token_id)
    mask = torch.zeros_like(ids)
    for row, window in enumerate(windows):
        place = slice(longest - len(window), longest) if left else slice(0, len(window))
        ids[row, place], mask[row, place] = torch.tensor(window), 1
    logits: Tensor = model(input_ids=ids, attention_mask=mask, position_ids=(mask.cumsum(1) - 1).clamp(min=0)).logits
    return logits


def test_the_table_of_cases_knows_which_tunings_have_an_adapter(checkpoint: Checkpoint) -> None:
    for name in (name.values[0] for name in PLAIN):
        assert (made(checkpoint("Llama"), name).adapter is None) == (name in WHOLE), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_what_learns_changes_and_what_is_frozen_does_not(checkpoint: Checkpoint, kind: str, name: str) -> None:
    net = made(checkpoint(kind), name).net
    before = {key: value.clone() for key, value in net.state_dict().items()}
    optimiser = torch.optim.SGD(learning(net).values(), lr=1.0)
    for _ in range(2):  # the first step moves only one of LoRA's two matrices: the other begins at nothing
        torch.nn.functional.cross_entropy(net(*pad_right(WINDOWS[:2])), torch.tensor([0, 1])).backward()
        optimiser.step()
        optimiser.zero_grad()
    learns = set(learning(net))
    moved = {key for key, value in net.state_dict().items() if not torch.equal(value, before[key])}
    assert any(key.startswith("score") for key in moved)
    assert moved <= learns
    still = [key for key in learns - moved if not key.endswith("bias") and "bitfit" not in key]
    assert name == "full" or not still  # a bias of the keys cannot matter, nor can the words of no text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name in ADAPTERS if name.values[0] not in NOT_THE_BASE_AT_FIRST])
def test_an_adapter_begins_as_the_identity(checkpoint: Checkpoint, kind: str, name: str) -> None:
    torch.manual_seed(0)
    net = load(2, id=str(checkpoint(kind))).net
    before = logits_of(net, WINDOWS)
    after = logits_of(tune(net, Choice(name=name)).net, WINDOWS)
    assert after == pytest.approx(before, abs=1e-6) if name == "dora" else torch.equal(after, before)  # dora divides by a length


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_saved_with_its_head_and_loaded_bit_for_bit(
    checkpoint: Checkpoint, kind: str, name: str, tmp_path: Path
) -> None:
    tuned = shaken(made(checkpoint(kind), name))
    logits = logits_of(tuned.net, WINDOWS)
    write_adapter(tuned.adapter, tmp_path, base=str(checkpoint(kind)), revision=None)
    saved = read_tensors(tmp_path / "adapter_model.safetensors")
    assert [tuple(tensor.shape) for key, tensor in saved.items() if key.endswith("score.weight")] == [(2, 32)]
    again = made(checkpoint(kind), name)
    fill_adapter(again.adapter, saved, where=tmp_path)
    assert torch.equal(logits_of(again.net, WINDOWS), logits)


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_same_adapter_is_written_the_same(checkpoint: Checkpoint, name: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        tuned = made(checkpoint("OPT"), name)
        write_adapter(tuned.adapter, tmp_path / folder, base="x", revision=None)
    files = [sorted(path.read_bytes() for path in (tmp_path / folder).iterdir()) for folder in ("one", "two")]
    assert files[0] == files[1]


@pytest.mark.parametrize("kind", PAPER)
@pytest.mark.parametrize("name", NAMES)
def test_a_text_gets_the_same_logits_alone_and_in_a_batch(checkpoint: Checkpoint, kind: str, name: str) -> None:
    net = shaken(made(checkpoint(kind), name)).net
    alone = torch.cat([logits_of(net, [window]) for window in WINDOWS])
    assert (alone.amax(0) - alone.amin(0)).min() > 1e-3  # the texts differ, or the next line would say nothing
    assert logits_of(net, WINDOWS) == pytest.approx(alone, abs=TOLERANCE)


@pytest.mark.parametrize("kind", PAPER)
@pytest.mark.parametrize("name", PLAIN)
def test_padding_left_or_right_or_merging_changes_no_logit(checkpoint: Checkpoint, kind: str, name: str, tmp_path: Path) -> None:
    tuned = shaken(made(checkpoint(kind), name))
    logits = logits_of(tuned.net, WINDOWS)
    model = plain_model(tuned, checkpoint(kind), tmp_path / "saved")
    alone = torch.cat([padded_logits(model, [window], left=False) for window in WINDOWS])
    for found in (alone, padded_logits(model, WINDOWS, left=False), padded_logits(model, WINDOWS, left=True)):
        assert found == pytest.approx(logits, abs=TOLERANCE)
    if tuned.cannot_merge:
        return
    folded = Tuned(net=merged(tuned))
    assert logits_of(folded.net, WINDOWS) == pytest.approx(logits, abs=TOLERANCE)
    exported = plain_model(folded, checkpoint(kind), tmp_path / "merged")
    for left in (True, False):
        assert padded_logits(exported, WINDOWS, left=left) == pytest.approx(logits, abs=TOLERANCE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_merging_changes_no_logit_or_is_refused_with_the_reason(checkpoint: Checkpoint, kind: str, name: str) -> None:
    tuned = shaken(made(checkpoint(kind), name))
    logits = logits_of(tuned.net, WINDOWS)
    if tuned.cannot_merge:
        with pytest.raises(ModelError, match="cannot be folded into the weights") as caught:
            merged(tuned)
        assert tuned.cannot_merge in str(caught.value)
        return
    fresh = set(load(2, id=str(checkpoint(kind))).net.state_dict())
    folded = merged(tuned)
    assert folded is tuned.net
    assert set(folded.state_dict()) == fresh
    assert logits_of(folded, WINDOWS) == pytest.approx(logits, abs=TOLERANCE)


@pytest.mark.parametrize("kind", PAPER)
@pytest.mark.parametrize("name", NAMES)
def test_a_text_that_ends_in_the_pad_token_is_read_to_its_end(checkpoint: Checkpoint, kind: str, name: str) -> None:
    net = shaken(made(checkpoint(kind), name)).net
    assert isinstance(net, Readout)
    net.config.eos_token_id = net.config.pad_token_id = 0
    text = [3, 4, 5, 0]
    alone = logits_of(net, [text])
    with torch.inference_mode():
        last = net.decoder.eval()(input_ids=torch.tensor([text]), use_cache=False).last_hidden_state[:, -1]
        assert alone == pytest.approx(net.score(last), abs=TOLERANCE)
    assert not torch.allclose(alone, logits_of(net, [text[:-1]]), atol=1e-4)
    assert logits_of(net, [text, WINDOWS[3]])[:1] == pytest.approx(alone, abs=TOLERANCE)
    assert logits_of(net, [text, text[:-1]])[:1] == pytest.approx(alone, abs=TOLERANCE)


@pytest.mark.parametrize("kind", PAPER)
@pytest.mark.parametrize("name", ADAPTERS)
def test_a_second_adapter_is_added_and_switched(checkpoint: Checkpoint, kind: str, name: str) -> None:
    tuned = shaken(made(checkpoint(kind), name))
    first, saved = logits_of(tuned.net, WINDOWS), {key: part.clone() for key, part in adapter_tensors(tuned.adapter).items()}
    tuned.adapter.add_adapter("second", deepcopy(tuned.adapter.peft_config["default"]))
    assert torch.equal(logits_of(tuned.net, WINDOWS), first)
    tuned.adapter.set_adapter("second")
    with torch.no_grad():
        for key, parameter in tuned.net.named_parameters():
            if ".second" in key:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    second = logits_of(tuned.net, WINDOWS)
    assert not torch.allclose(second, first, atol=1e-3)
    tuned.adapter.set_adapter("default")
    assert torch.equal(logits_of(tuned.net, WINDOWS), first)
    assert all(torch.equal(part, saved[key]) for key, part in adapter_tensors(tuned.adapter).items())
    tuned.adapter.set_adapter("second")
    assert torch.equal(logits_of(tuned.net, WINDOWS), second)


@pytest.mark.parametrize("kind", PAPER)
@pytest.mark.parametrize("n_labels", [2, 3, 5])
@pytest.mark.parametrize("name", ["lora", "dora", "ia3", "prefix"])
def test_labels_of_any_number_survive_beside_an_adapter(
    checkpoint: Checkpoint, kind: str, name: str, n_labels: int, tmp_path: Path
) -> None:
    tuned = shaken(made(checkpoint(kind), name, n_labels))
    model = plain_model(tuned, checkpoint(kind), tmp_path)
    assert model.config.id2label == {index: f"label {index}" for index in range(n_labels)}
    found = torch.cat([padded_logits(model, [window], left=False) for window in WINDOWS])
    assert found.shape == (len(WINDOWS), n_labels)
    assert found == pytest.approx(logits_of(tuned.net, WINDOWS), abs=TOLERANCE)


def test_an_adapter_that_does_not_fit_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    tuned = made(checkpoint("Llama"), "lora")
    write_adapter(tuned.adapter, tmp_path, base="x", revision=None)
    other = tune(load(2, id=str(checkpoint("Llama"))).net, Choice(name="lora", options={"rank": 2}))
    with pytest.raises(BundleError, match="does not fit") as caught:
        fill_adapter(other.adapter, read_tensors(tmp_path / "adapter_model.safetensors"), where=tmp_path)
    assert "has shape (8, 32), the adapter's is (2, 32)" in caught.value.problems[0]


@pytest.mark.parametrize("name", ["lora", "bitfit"])
def test_merging_in_few_bits_is_worked_in_32(checkpoint: Checkpoint, name: str) -> None:
    tuned = shaken(made(checkpoint("OPT"), name))
    tuned.net.to(torch.bfloat16)
    exact = {key: value.float().clone() for key, value in tuned.net.state_dict().items()}
    folded = merged(tuned)
    assert {value.dtype for value in folded.state_dict().values()} == {torch.float32}
    place = "model.decoder.layers.0.self_attn.k_proj"
    if name == "bitfit":
        assert torch.equal(
            folded.get_parameter(f"{place}.bias"), exact[f"{place}.base_layer.bias"] + exact[f"{place}.bitfit_vector.default"]
        )
    else:
        change = exact[f"{place}.lora_B.default.weight"] @ exact[f"{place}.lora_A.default.weight"] * 2
        assert torch.allclose(folded.get_parameter(f"{place}.weight"), exact[f"{place}.base_layer.weight"] + change, atol=1e-6)


def test_a_tuning_that_fails_on_a_kind_of_net_is_an_error_in_words() -> None:
    net = torch.nn.Linear(2, 2)
    with pytest.raises(ModelError, match="tuning 'lora' cannot be applied to a model of type 'Linear'"):
        tune(net, Choice(name="lora", options={}))
