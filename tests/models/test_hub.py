"""Checkpoints of real architectures are read from folders, safely, and what cannot be read is told."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from hatetinyllm.errors import ModelError
from hatetinyllm.models.hub import find_checkpoint, load, weights_digest
from hatetinyllm.models.readout import logits_of

KINDS = ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX"]


@pytest.fixture
def broken(checkpoint: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of a checkpoint to break."""
    return Path(shutil.copytree(checkpoint("Llama"), tmp_path / "broken"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_is_read_without_its_language_model_head(checkpoint: Callable[[str], Path], kind: str) -> None:
    model = load(3, id=str(checkpoint(kind)))
    assert model.net.score.weight.shape == (3, 32)
    assert not [name for name, _ in model.net.named_parameters() if "lm_head" in name or "embed_out" in name]
    assert model.max_tokens == 64
    assert model.base is not None
    assert model.base.sha256 == weights_digest(checkpoint(kind))
    assert model.tokenizer.encode("they are welcome").ids == [3, 4, 6]
    assert logits_of(model.net, [[3, 4, 6]]).shape == (1, 3)


def test_a_pickle_is_refused_by_name(broken: Path) -> None:
    (broken / "model.safetensors").unlink()
    (broken / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"no safetensors: it holds pytorch_model\.bin"):
        load(2, id=str(broken))


def test_a_checkpoint_that_lacks_weights_is_refused(broken: Path) -> None:
    tensors = load_file(broken / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks weights") as caught:
        load(2, id=str(broken))
    assert "norm.weight" in caught.value.problems[0]


def test_an_unknown_architecture_is_told(broken: Path) -> None:
    (broken / "config.json").write_text('{"model_type": "made-up"}', encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        load(2, id=str(broken))


def test_code_in_a_checkpoint_is_never_run(broken: Path) -> None:
    (broken / "config.json").write_text(
        '{"model_type": "made-up", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}', encoding="utf-8"
    )
    marker = broken / "was_run"
    (broken / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
    with pytest.raises(ModelError):
        load(2, id=str(broken))
    assert not marker.exists()


def test_a_missing_model_offline_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="not here and could not be downloaded") as caught:
        find_checkpoint("nobody/nothing", None)
    assert "give a folder" in caught.value.problems[-1]


def test_telemetry_is_off_before_the_hub_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    asked: list[bool] = []

    def ask(*args: object, **options: object) -> str:
        asked.append(constants.HF_HUB_DISABLE_TELEMETRY)
        return "/there/abc123"

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", ask)
    folder, commit = find_checkpoint("some/model", "main")
    assert (folder, commit, asked) == (Path("/there/abc123"), "abc123", [True])
