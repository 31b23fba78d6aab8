"""Checkpoints bring back weights, optimiser and random numbers, and refuse what is lost."""

import errno
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError

from hatetinyllm.errors import TrainingError
from hatetinyllm.training import checkpoint
from hatetinyllm.training.checkpoint import Checkpoints, Place


def made() -> tuple[dict[str, torch.nn.Parameter], torch.optim.AdamW]:
    learning = {"a": torch.nn.Parameter(torch.arange(3.0)), "b": torch.nn.Parameter(torch.ones(2, 2))}
    return learning, torch.optim.AdamW(learning.values(), lr=0.1)


def step(learning: dict[str, torch.nn.Parameter], optimiser: torch.optim.AdamW) -> None:
    sum((parameter * torch.rand_like(parameter)).sum() for parameter in learning.values()).backward()
    optimiser.step()
    optimiser.zero_grad()


def test_everything_comes_back(tmp_path: Path) -> None:
    learning, optimiser = made()
    step(learning, optimiser)
    checkpoints = Checkpoints(tmp_path, {"data": "1"})
    place = Place(step=1, best_step=1, best_score=0.5, waited=2)
    checkpoints.save_best(1, learning)
    checkpoints.save(place, learning, optimiser, keep=1)
    step(learning, optimiser)
    other, other_optimiser = made()
    assert Checkpoints(tmp_path, {"data": "1"}).restore(other, other_optimiser) == place
    step(other, other_optimiser)
    assert all(torch.equal(other[name], learning[name]) for name in learning)


def test_nothing_saved_is_nothing_restored(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path, {}).restore(*made()) is None


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("[train]\nseed = 1\n", "train.seed was 1, is 2"),
        ("0f" * 32, "the recipe is another than it was"),  # an earlier version kept a digest
    ],
)
def test_a_run_of_another_recipe_is_told_what_differs_before_anything_is_read(tmp_path: Path, kept: str, said: str) -> None:
    Checkpoints(tmp_path, {"recipe": kept}).save(Place(step=1), *made(), keep=1)
    now = Checkpoints(tmp_path, {"recipe": "[train]\nseed = 2\n"})
    for refused in (now.require_own, lambda: now.restore(*made())):
        with pytest.raises(TrainingError, match="belongs to another run") as caught:
            refused()
        assert caught.value.problems[0] == said
    Checkpoints(tmp_path, {"recipe": kept}).require_own()


def test_lost_best_weights_are_an_error(tmp_path: Path) -> None:
    learning, _ = made()
    checkpoints = Checkpoints(tmp_path, {})
    checkpoints.save_best(3, learning)
    (tmp_path / "best-00000003" / "state.safetensors").unlink()
    with pytest.raises(TrainingError, match="best weights of step 3 are lost"):
        checkpoints.restore_best(Place(step=5, best_step=3), learning)


def test_only_the_last_checkpoints_and_the_best_they_name_are_kept(tmp_path: Path) -> None:
    learning, optimiser = made()
    checkpoints = Checkpoints(tmp_path, {})
    for number, best in ((1, 1), (2, 1), (3, 3), (4, 3)):
        if number == best:
            checkpoints.save_best(number, learning)
        checkpoints.save(Place(step=number, best_step=best), learning, optimiser, keep=2)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["best-00000003", "step-00000003", "step-00000004"]


def test_a_checkpoint_whose_best_weights_are_lost_is_dropped(tmp_path: Path) -> None:
    learning, optimiser = made()
    checkpoints = Checkpoints(tmp_path, {})
    checkpoints.save(Place(step=1), learning, optimiser, keep=2)
    checkpoints.save_best(2, learning)
    checkpoints.save(Place(step=2, best_step=2), learning, optimiser, keep=2)
    (tmp_path / "best-00000002" / "state.safetensors").unlink()
    assert checkpoints.drop_damaged() == ["step-00000002"]
    assert checkpoints.newest_step() == 1


FULL = OSError(errno.ENOSPC, "No space left on device")


def writes_until(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes so many writes of a checkpoint, half of the next one, and no more."""
    made = 0

    def taking(write: Callable[..., Any], error: Exception) -> Callable[..., Any]:
        def write_or_fail(*given: Any, **named: Any) -> Any:
            nonlocal made
            made += 1
            if made > limit:
                for path in (part for part in given if isinstance(part, Path) and part.suffix in {".json", ".safetensors"}):
                    path.write_bytes(b"half")
                raise error
            return write(*given, **named)

        return write_or_fail

    in_words = SafetensorError("I/O error: No space left on device (os error 28)")
    monkeypatch.setattr(checkpoint, "save_file", taking(checkpoint.save_file, in_words))
    monkeypatch.setattr(Path, "write_text", taking(Path.write_text, FULL))
    monkeypatch.setattr(Path, "mkdir", taking(Path.mkdir, FULL))
    monkeypatch.setattr(Path, "rename", taking(Path.rename, FULL))


def save_many(checkpoints: Checkpoints, learning: dict[str, torch.nn.Parameter], optimiser: torch.optim.AdamW) -> None:
    for number in range(2, 9):
        checkpoints.save_best(number, learning)
        checkpoints.save(Place(step=number, best_step=number), learning, optimiser, keep=2)


@pytest.mark.parametrize("limit", range(12))
def test_a_full_disk_breaks_no_checkpoint_and_after_room_is_made_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    learning, optimiser = made()
    checkpoints = Checkpoints(tmp_path / "checkpoints", {})
    checkpoints.save(Place(step=1), learning, optimiser, keep=2)
    kept = {name: parameter.detach().clone() for name, parameter in learning.items()}
    step(learning, optimiser)
    with monkeypatch.context() as full:
        writes_until(limit, full)
        with pytest.raises(TrainingError, match="no space is left on the disk") as caught:
            save_many(checkpoints, learning, optimiser)
    reached = checkpoints.newest_step()
    assert f"step-{reached:08d}" in caught.value.problems[0]
    assert f"train --resume {tmp_path}" in caught.value.problems[1]
    assert checkpoints.drop_damaged() == []
    assert not [path.name for path in checkpoints.folder.iterdir() if path.name.startswith(".")]
    other, other_optimiser = made()
    place = checkpoints.restore(other, other_optimiser)
    assert place == Place(step=reached, best_step=reached if reached > 1 else 0)
    if reached == 1:
        assert all(torch.equal(other[name], tensor) for name, tensor in kept.items())
    checkpoints.save(Place(step=9), other, other_optimiser, keep=2)
    assert checkpoints.newest_step() == 9


RECIPE = """
data = { name = "demo" }
split = { name = "official" }
text = { max_tokens = 32, overlap_tokens = 8 }
model = { name = "scratch", layers = 1, width = 16, heads = 2 }
tuning = { name = "lora", dropout = 0.2 }
train = { epochs = 1, batch_tokens = 512, save_every = 5, judge_every = 40, device = "cpu", threads = 1 }
"""
FILLED = """
set -e
mount -t tmpfs -o size=1m none "$1/small"
train="$2 -m hatetinyllm train --set train.save_every=1 --set train.keep=999"
if $train "$1/recipe.toml" --out "$1/small/run" 2>"$1/said"; then exit 90; fi
ls -A "$1/small/run/checkpoints" >"$1/left"
mount -o remount,size=64m "$1/small"
$2 -m hatetinyllm train --resume "$1/small/run" 2>"$1/resumed"
cp "$1"/small/run/bundle/model.safetensors "$1/after.safetensors"
"""


def can_mount() -> bool:
    """Whether a process may have a small disk of its own here."""
    tried = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(tried, capture_output=True, check=False).returncode == 0


def test_a_run_on_a_disk_that_fills_up_keeps_its_checkpoints_and_ends_as_any_other(tmp_path: Path) -> None:
    if not can_mount():
        pytest.skip("this system lets nobody mount a small disk")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "small").mkdir()
    command = ["unshare", "-rm", "sh", "-c", FILLED, "sh", tmp_path, sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (tmp_path / "said").read_text(encoding="utf-8")
    assert done.returncode == 0, said + done.stderr
    assert "no space is left on the disk" in said
    assert "go on by: hatetinyllm train --resume" in said
    left = (tmp_path / "left").read_text(encoding="utf-8").split()
    assert all(name.startswith(("step-", "best-")) for name in left)
    assert f"kept: {max(name for name in left if name.startswith('step-'))}" in said
    assert "resuming" in (tmp_path / "resumed").read_text(encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "hatetinyllm", "train", tmp_path / "recipe.toml", "--out", tmp_path / "whole"], check=True
    )
    whole = (tmp_path / "whole" / "bundle" / "model.safetensors").read_bytes()
    assert (tmp_path / "after.safetensors").read_bytes() == whole


def test_three_kills_at_random_places_change_no_bit_of_the_weights(tmp_path: Path) -> None:
    spec = spec_from_file_location("kills", Path(__file__).parents[2] / "benchmarks" / "kills.py")
    assert spec is not None
    assert spec.loader is not None
    kills = module_from_spec(spec)
    spec.loader.exec_module(kills)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    assert kills.order(recipe, "--out", tmp_path / "whole").wait() == 0
    killed = list(kills.kill_and_resume(recipe, tmp_path / "killed", 3, seed=1, start_s=5.0))
    assert sorted(each.moment for each in killed) == ["starting", "stepping", "writing"]
    assert kills.are_equal(tmp_path / "whole", tmp_path / "killed")
