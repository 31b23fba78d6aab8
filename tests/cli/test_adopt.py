"""`adopt`, as a user calls it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification


@pytest.fixture
def adapter(checkpoint: Callable[[str], Path], tmp_path: Path) -> Path:
    plain = AutoModelForSequenceClassification.from_pretrained(checkpoint("OPT"), num_labels=2)
    get_peft_model(plain, LoraConfig(task_type=TaskType.SEQ_CLS, r=2)).save_pretrained(tmp_path / "plain")
    return tmp_path / "plain"


pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
LABELS = ("--label", "not_hate", "--label", "hate", "--set", "text.max_tokens=32", "--set", "text.overlap_tokens=4")


def test_an_adapter_becomes_a_bundle_that_answers(call, adapter: Path, tmp_path: Path) -> None:
    answer = call("adopt", adapter, "--out", tmp_path / "bundle", *LABELS)
    assert answer.code == 0
    assert "not_hate, hate" in answer.out
    verdict = call("classify", "--bundle", tmp_path / "bundle", "--json", "they are welcome").json
    assert verdict["guess"] in ("hate", "not_hate")
    assert call("info", tmp_path / "bundle", "--json").json["text"]["max_tokens"] == 32


def test_as_json_it_names_the_bundle_and_its_tuning(call, adapter: Path, tmp_path: Path) -> None:
    made = call("adopt", adapter, "--out", tmp_path / "bundle", *LABELS, "--json").json
    assert made["tuning"]["name"] == "lora"
    assert made["bundle"] == str(tmp_path / "bundle")


def test_a_wrong_setting_and_a_missing_label_are_told(call, adapter: Path, tmp_path: Path) -> None:
    answer = call("adopt", adapter, "--out", tmp_path / "bundle", *LABELS, "--set", "text.max_token=8")
    assert answer.code == 2
    assert "did you mean 'max_tokens'" in answer.err
    answer = call("adopt", adapter, "--out", tmp_path / "bundle", "--set", "text.max_tokens=32", "--set", "text.overlap_tokens=4")
    assert answer.code == 2
    assert "--label not_hate --label hate" in answer.err


def test_a_pickled_base_is_read_by_request(call, adapter: Path, checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    base = shutil.copytree(checkpoint("OPT"), tmp_path / "base")
    torch.save(load_file(base / "model.safetensors"), base / "pytorch_model.bin")
    (base / "model.safetensors").unlink()
    asked = ("adopt", adapter, "--base", base, "--out", tmp_path / "bundle", *LABELS)
    answer = call(*asked)
    assert answer.code == 2
    assert "--pickled" in answer.err
    assert call(*asked, "--pickled").code == 0
