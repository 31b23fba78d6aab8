"""What is on this machine already is found by looking, and a broken download is not taken for one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hatetinyllm.models.card import ModelCard
from hatetinyllm.models.local import TINY, find_local, find_other, hub_folder, is_tiny, kept_folder, own_folder


@pytest.fixture
def snapshot(no_downloads: Path, card: Callable[[str], ModelCard]) -> Path:
    """The place of a downloaded revision, made and empty."""
    folder = no_downloads / "models--EleutherAI--pythia-70m" / "snapshots" / str(card("pythia-70m").revision)
    folder.mkdir(parents=True)
    return folder


def write_shape(folder: Path, card: ModelCard, **changes: object) -> Path:
    """A folder that says what a card does, but for some changes."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**card.shape, **changes}))
    (folder / "model.safetensors").write_bytes(b"x")
    return folder


def test_nothing_is_here_at_first(card: Callable[[str], ModelCard]) -> None:
    assert find_local(card("pythia-70m")) is None
    assert own_folder("pythia-70m") is None


def test_a_download_is_found(snapshot: Path, card: Callable[[str], ModelCard]) -> None:
    assert find_local(card("pythia-70m")) is None, "a folder without weights is no model"
    (snapshot / "model.safetensors").write_bytes(b"x")
    assert find_local(card("pythia-70m")) == snapshot
    assert hub_folder("EleutherAI/pythia-70m", None) == snapshot
    assert hub_folder("EleutherAI/pythia-70m", "0" * 40) is None


def test_a_download_that_was_broken_off_is_not_here(snapshot: Path, card: Callable[[str], ModelCard]) -> None:
    (snapshot / "model-00001-of-00002.safetensors").write_bytes(b"x")
    (snapshot / "model-00002-of-00002.safetensors").symlink_to(snapshot / "gone")
    assert find_local(card("pythia-70m")) is None


def test_the_users_own_folder_comes_first(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Callable[[str], ModelCard]
) -> None:
    (snapshot / "model.safetensors").write_bytes(b"x")
    monkeypatch.setenv("HATETINYLLM_MODELS", str(tmp_path))
    assert find_local(card("pythia-70m")) == snapshot
    own = write_shape(tmp_path / "pythia-70m", card("pythia-70m"))
    assert find_local(card("pythia-70m")) == own_folder("pythia-70m") == own
    assert find_other(card("pythia-70m")) is None
    assert not is_tiny(own)


@pytest.mark.parametrize("changes", [{"hidden_size": 64}, {"model_type": "llama"}, {TINY: True}, None])
def test_a_folder_that_holds_something_else_is_not_the_model(
    changes: dict[str, object] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Callable[[str], ModelCard]
) -> None:
    monkeypatch.setenv("HATETINYLLM_MODELS", str(tmp_path))
    own = write_shape(tmp_path / "pythia-70m", card("pythia-70m"), **(changes or {}))
    if changes is None:
        (own / "config.json").write_text("[]")
    assert find_local(card("pythia-70m")) is None
    assert find_other(card("pythia-70m")) == own
    assert is_tiny(own) == (changes == {TINY: True})


def test_a_kept_copy_is_found(own_cache: Path, card: Callable[[str], ModelCard]) -> None:
    kept = kept_folder("facebook/opt-125m", str(card("opt-125m").revision))
    assert kept.is_relative_to(own_cache)
    kept.mkdir(parents=True)
    (kept / "model.safetensors").write_bytes(b"x")
    assert find_local(card("opt-125m")) == kept


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [("HF_HUB_CACHE", "a", "a"), ("HF_HOME", "b", "b/hub"), ("XDG_CACHE_HOME", "c", "c/huggingface/hub")],
)
def test_the_hubs_cache_is_where_its_own_library_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, where: str
) -> None:
    for other in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, str(tmp_path / value))
    folder = tmp_path / where / "models--a--b" / "snapshots" / "c"
    folder.mkdir(parents=True)
    assert hub_folder("a/b", "c") == folder
