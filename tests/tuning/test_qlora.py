"""QLoRA: 4-bit weights where bitsandbytes is, a clear word where it is not, and LoRA's shapes on the meta device."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

from hatetinyllm.errors import MissingExtra, ModelError
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import Readout, logits_of
from hatetinyllm.models.weights import read_tensors
from hatetinyllm.tuning import lora
from hatetinyllm.tuning.qlora import apply
from hatetinyllm.tuning.tune import Tuned, fill_adapter, learning, write_adapter

Checkpoint = Callable[[str], Path]
KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"]
WINDOWS = [[3, 4, 5], [6, 7, 8, 9], [9]]
needs_gpu_extra = pytest.mark.skipif(find_spec("bitsandbytes") is None, reason="bitsandbytes is not here: install the extra gpu")


def made(folder: Path) -> Tuned:
    torch.manual_seed(0)
    return apply(load(2, id=str(folder)).net, rank=2)


def test_without_bitsandbytes_the_extra_is_named(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    monkeypatch.delitem(sys.modules, "bitsandbytes.nn", raising=False)
    with pytest.raises(MissingExtra, match="qlora needs bitsandbytes, which is not installed") as caught:
        made(checkpoint("Llama"))
    assert caught.value.problems == ('pip install "hatetinyllm[gpu]"',)


def test_a_machine_that_cannot_is_told(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no kernel for this machine\nand more")

    fake = ModuleType("bitsandbytes.nn")
    fake.Linear4bit = fake.Params4bit = refuse  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bitsandbytes", ModuleType("bitsandbytes"))
    monkeypatch.setitem(sys.modules, "bitsandbytes.nn", fake)
    with pytest.raises(ModelError, match="this machine cannot keep weights in 4 bits") as caught:
        made(checkpoint("Llama"))
    assert caught.value.problems[0] == "bitsandbytes says: no kernel for this machine"


@pytest.mark.parametrize("kind", ["Llama", "OPT"])
def test_on_the_meta_device_it_has_loras_shapes(checkpoint: Checkpoint, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    real = load(2, id=str(checkpoint(kind))).net
    shapes = []
    for tuning in (apply, lora.apply):
        with torch.device("meta"):
            net = Readout(type(real.decoder)(real.config), 2)
            tuning(net, rank=2)
        shapes.append({name: tuple(part.shape) for name, part in learning(net).items()})
    assert shapes[0] == shapes[1]


@needs_gpu_extra
@pytest.mark.parametrize("kind", KINDS)
def test_the_decoders_matrices_are_of_4_bits_and_the_readout_is_not(checkpoint: Checkpoint, kind: str) -> None:
    before = load(2, id=str(checkpoint(kind))).net
    full = logits_of(before, WINDOWS)
    tuned = made(checkpoint(kind))
    frozen = {type(part).__name__ for name, part in tuned.net.named_modules() if name.endswith("base_layer")}
    assert frozen == {"Linear4bit"}
    assert type(tuned.net.score.original_module) is torch.nn.Linear
    with torch.no_grad():
        tuned.net.score.modules_to_save["default"].weight.copy_(before.score.weight)
    found = logits_of(tuned.net, WINDOWS)
    assert not torch.equal(found, full)
    assert found == pytest.approx(full, abs=0.15)


@needs_gpu_extra
@pytest.mark.parametrize("kind", ["Llama", "OPT"])
def test_judging_between_two_steps_changes_nothing(checkpoint: Checkpoint, kind: str) -> None:
    net = made(checkpoint(kind)).net.eval()
    ids, lengths = torch.tensor([[3, 4, 5]]), torch.tensor([3])
    learnt_before = net(ids, lengths)
    judged = logits_of(net, [[3, 4, 5]])
    assert torch.equal(net(ids, lengths), learnt_before)
    assert judged == pytest.approx(learnt_before.detach(), abs=1e-6)


@needs_gpu_extra
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_is_an_ordinary_lora(checkpoint: Checkpoint, kind: str, tmp_path: Path) -> None:
    tuned = made(checkpoint(kind))
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    write_adapter(tuned.adapter, tmp_path, base=str(checkpoint(kind)), revision=None)
    plain = AutoModelForSequenceClassification.from_pretrained(checkpoint(kind), num_labels=2)
    theirs = PeftModel.from_pretrained(plain, tmp_path).eval()
    ours = lora.apply(load(2, id=str(checkpoint(kind))).net, rank=2)
    assert ours.adapter is not None
    saved = read_tensors(tmp_path / "adapter_model.safetensors")
    fill_adapter(ours.adapter, saved, where=tmp_path)
    with torch.inference_mode():
        found = torch.cat([theirs(input_ids=torch.tensor([window])).logits for window in WINDOWS])
    assert found == pytest.approx(logits_of(ours.net, WINDOWS), abs=1e-5)
