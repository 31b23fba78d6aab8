"""Checkpoints bring back weights, optimiser and random numbers, and refuse what is lost."""

import errno
from collections.abc import Callable
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
