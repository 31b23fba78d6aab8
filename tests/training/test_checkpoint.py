"""Checkpoints bring back weights, optimiser and random numbers, and refuse what is lost."""

from pathlib import Path

import pytest
import torch

from hatetinyllm.errors import TrainingError
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
