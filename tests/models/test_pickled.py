"""Pickled weights are read by request alone, once, and run nothing; the safetensors copy is what is used."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hatetinyllm.errors import ModelError
from hatetinyllm.models import hub
from hatetinyllm.models.hub import find_checkpoint
from hatetinyllm.models.local import kept_folder
from hatetinyllm.models.pickled import OPTION, keep_copy, pickled_weights, read_pickled
from hatetinyllm.models.readout import logits_of


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"echo run > {self.marker}",)


@pytest.fixture
def pickled(tiny: Callable[[str], Path], tmp_path: Path) -> Path:
    """A tiny OPT as the hub has the real one: pickled, the output matrix a second name of the embeddings."""
    folder = Path(shutil.copytree(tiny("opt-1.3b"), tmp_path / "pickled"))
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    tensors["lm_head.weight"] = tensors["model.decoder.embed_tokens.weight"]
    torch.save(tensors, folder / "pytorch_model.bin")
    return folder


def shard(folder: Path) -> None:
    """Part the pickled weights into two files and an index."""
    tensors = list(torch.load(folder / "pytorch_model.bin", weights_only=True).items())
    (folder / "pytorch_model.bin").unlink()
    parts = {"pytorch_model-00001-of-00002.bin": tensors[:5], "pytorch_model-00002-of-00002.bin": tensors[5:]}
    for name, held in parts.items():
        torch.save(dict(held), folder / name)
    index = {"metadata": {}, "weight_map": {key: name for name, held in parts.items() for key, _ in held}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index), encoding="utf-8")


def test_without_the_option_it_is_named(pickled: Path) -> None:
    with pytest.raises(ModelError, match=r"it holds pytorch_model\.bin") as caught:
        hub.load(2, id=str(pickled))
    assert OPTION in caught.value.problems[0]


@pytest.mark.parametrize("parts", [1, 2])
def test_the_copy_gives_the_same_net_and_is_said_aloud(
    pickled: Path, tiny: Callable[[str], Path], own_cache: Path, parts: int
) -> None:
    if parts == 2:
        shard(pickled)
    torch.manual_seed(0)
    model = hub.load(2, id=str(pickled), pickled=True)
    torch.manual_seed(0)
    expected = hub.load(2, id=str(tiny("opt-1.3b")))
    assert torch.equal(logits_of(model.net, [[5, 6, 7]]), logits_of(expected.net, [[5, 6, 7]]))
    assert model.folder is not None
    assert model.folder.is_relative_to(own_cache / "models")
    assert len(list(model.folder.glob("*.safetensors"))) == parts
    assert "read without running code" in model.notes[0]
    assert expected.notes == ()


def test_once_kept_no_option_and_no_pickle_is_needed(pickled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, _ = find_checkpoint(str(pickled), None, pickled=True)
    monkeypatch.setattr(torch, "load", lambda *given, **options: pytest.fail("the pickle was read again"))
    assert find_checkpoint(str(pickled), None) == (kept, None)
    assert find_checkpoint(str(pickled), None, pickled=True) == (kept, None)


def test_other_weights_have_another_copy(pickled: Path) -> None:
    kept, _ = find_checkpoint(str(pickled), None, pickled=True)
    tensors = torch.load(pickled / "pytorch_model.bin", weights_only=True)
    torch.save({name: tensor + 1 for name, tensor in tensors.items()}, pickled / "pytorch_model.bin")
    assert find_checkpoint(str(pickled), None) == (pickled, None)
    assert find_checkpoint(str(pickled), None, pickled=True)[0] != kept


def test_a_damaged_copy_is_told(pickled: Path) -> None:
    kept, _ = find_checkpoint(str(pickled), None, pickled=True)
    with (kept / "model.safetensors").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="damaged") as caught:
        find_checkpoint(str(pickled), None)
    assert "hatetinyllm cache clear models" in caught.value.problems[-1]


def test_a_pickle_with_code_in_it_is_refused_and_runs_nothing(pickled: Path, tmp_path: Path, own_cache: Path) -> None:
    marker = tmp_path / "was_run"
    torch.save({"model.weight": torch.ones(2), "evil": Evil(marker)}, pickled / "pytorch_model.bin")
    with pytest.raises(ModelError, match="would run code"):
        hub.load(2, id=str(pickled), pickled=True)
    assert not marker.exists()
    assert not list(own_cache.rglob("*.safetensors")), "half a copy was left behind"
    torch.load(pickled / "pytorch_model.bin", weights_only=False)
    assert marker.exists(), "the pickle of this test would have run its code"


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}])
def test_what_is_no_list_of_tensors_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no plain list of tensors"):
        read_pickled(tmp_path / "pytorch_model.bin")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"a": torch.eye(2).to_sparse()}, "a: a sparse, quantised or nested tensor"),
        ({"a": torch.ones(2, device="meta")}, "a: a shape without numbers"),
        ({1: torch.ones(2)}, "1: a name must be text"),
    ],
)
def test_what_safetensors_cannot_keep_is_told(tmp_path: Path, content: object, said: str) -> None:
    torch.save(content, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no safetensors file can keep") as caught:
        read_pickled(tmp_path / "pytorch_model.bin")
    assert caught.value.problems[0].startswith(said)


def test_an_empty_pickle_is_told(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").touch()
    with pytest.raises(ModelError, match="cannot be read: EOFError"):
        read_pickled(tmp_path / "pytorch_model.bin")


def test_the_copy_has_the_same_bytes_on_every_machine(pickled: Path, tmp_path: Path) -> None:
    shard(pickled)
    for name in ("one", "other"):
        keep_copy(pickled, tmp_path / name)
    assert (tmp_path / "one" / "SHA256SUMS").read_text() == (tmp_path / "other" / "SHA256SUMS").read_text()


def test_a_damaged_copy_found_by_its_commit_is_told(pickled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", lambda *given, **options: pytest.fail("the hub was asked"))
    kept = kept_folder("some/model", "c" * 40)
    keep_copy(pickled, kept)
    assert find_checkpoint("some/model", "c" * 40) == (kept, "c" * 40)
    with (kept / "model.safetensors").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="damaged"):
        find_checkpoint("some/model", "c" * 40)


def test_of_a_hub_that_gave_no_weights_the_option_is_named(
    pickled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = shutil.copytree(pickled, tmp_path / ("c" * 40), ignore=shutil.ignore_patterns("*.bin"))
    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", lambda *given, **options: str(snapshot))
    with pytest.raises(ModelError, match="has no safetensors") as caught:
        hub.load(2, id="some/model")
    assert OPTION in caught.value.problems[0]


def test_a_broken_pickle_is_told(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin"):
        read_pickled(tmp_path / "pytorch_model.bin")


def test_the_older_form_of_torch_is_read_too(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(3)}, tmp_path / "old.bin", _use_new_zipfile_serialization=False)
    assert torch.equal(read_pickled(tmp_path / "old.bin")["a"], torch.ones(3))


def test_tensors_of_one_memory_are_parted(tmp_path: Path) -> None:
    block = torch.arange(6.0)
    held = {"lm_head.weight": block, "a.weight": block, "b.weight": block[2:4]}
    torch.save(held, tmp_path / "x.bin")
    found = read_pickled(tmp_path / "x.bin")
    assert sorted(found) == ["a.weight", "b.weight"]
    assert torch.equal(found["b.weight"], block[2:4])
    assert len({tensor.untyped_storage().data_ptr() for tensor in found.values()}) == 2


@pytest.mark.parametrize("name", ["../elsewhere.bin", "missing.bin"])
def test_an_index_names_files_beside_it_alone(tmp_path: Path, name: str) -> None:
    torch.save({}, tmp_path / "elsewhere.bin")
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": {"a": name}}), encoding="utf-8")
    with pytest.raises(ModelError, match="not beside it"):
        pickled_weights(folder)


def test_a_broken_index_is_told(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin.index.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelError, match="lists no files"):
        pickled_weights(tmp_path)


def test_of_the_hub_the_pickle_is_fetched_by_request_and_the_copy_needs_no_network(
    pickled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / ("c" * 40)
    asked: list[bool] = []

    def download(id: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append("pytorch_model.bin" in allow_patterns)
        shutil.copytree(pickled, snapshot, dirs_exist_ok=True, ignore=None if asked[-1] else shutil.ignore_patterns("*.bin"))
        return str(snapshot)

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", download)
    assert find_checkpoint("some/model", "main") == (snapshot, "c" * 40)
    kept = kept_folder("some/model", "c" * 40)
    assert find_checkpoint("some/model", "main", pickled=True) == (kept, "c" * 40)
    assert asked == [False, False, True]
    assert find_checkpoint("some/model", "main") == (kept, "c" * 40)
    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", lambda *given, **options: pytest.fail("the hub was asked"))
    assert find_checkpoint("some/model", "c" * 40) == (kept, "c" * 40)


def test_a_copy_holds_the_rest_of_the_checkpoint(pickled: Path, tmp_path: Path) -> None:
    (pickled / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
    keep_copy(pickled, tmp_path / "kept")
    assert {path.name for path in (tmp_path / "kept").iterdir()} >= {"config.json", "tokenizer.json", "README.md", "SHA256SUMS"}
    assert not list((tmp_path / "kept").glob("*.bin"))


def test_a_revision_that_is_no_commit_names_no_folder_of_the_cache(
    pickled: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_copy(pickled, own_cache / "elsewhere")
    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", lambda *given, **options: "/there/abc123")
    assert find_checkpoint("some/model", "../../elsewhere") == (Path("/there/abc123"), "abc123")
