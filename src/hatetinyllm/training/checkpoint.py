"""
Everything a run needs to go on exactly where it was: weights that learn, their mean where one is held, optimiser, random
numbers, place in the epoch.

A checkpoint is a folder written whole, with digests; safetensors and JSON, no pickle. The best weights so far stand in
a folder of their own, written before the checkpoint that names it. A checkpoint that is damaged is dropped for the one
before it.

Of several processes all save and restore together, since each may hold but a share of every weight (FSDP). The first writes
whole weights; so a run may go on with another number of processes, or with one.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from hatetinyllm.config.recipe import differences
from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import FolderError, check_sums, written_whole
from hatetinyllm.processes import is_first_process
from hatetinyllm.training.sharding import gathered, spread_like
from hatetinyllm.training.space import room_for
from hatetinyllm.training.together import all_same

STATE, TENSORS = "state.json", "state.safetensors"
WEIGHT, OPTIMISER, CHANCE, MEAN = "weight/", "optimiser/", "chance/", "mean/"
RECIPE = "recipe"  # of what a run is known by, its text; all else are digests
NONE: Mapping[str, Tensor] = {}
DIGEST = re.compile("[0-9a-f]{64}")
CHANGED = {
    "data": "the rows of the data, or how they are parted, are others than they were",
    "base": "the weights that the model begins with are others than they were",
    "teacher": "the teacher's scores are others than they were",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a run stands: steps done, and the best judgement of the dev part so far."""

    step: int
    best_step: int = 0  # 0: no judgement yet
    best_score: float = -1.0
    waited: int = 0  # judgements since the best one
    parts: int = 0  # a batch is worked in at least, since memory ran out; 0 before


class Optimiser(Protocol):
    """What a checkpoint asks of an optimiser: torch's own, or several of them together."""

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """What learns, in groups."""

    def state_dict(self) -> dict[str, Any]:
        """Its numbers, by a parameter's place among all groups."""

    def load_state_dict(self, given: dict[str, Any], /) -> None:
        """Take such numbers back."""


class Checkpoints:
    """The checkpoints of one run, in one folder."""

    def __init__(self, folder: Path, fingerprint: Mapping[str, str], *, kind: type[Place] = Place) -> None:
        self.folder = folder
        self.fingerprint = dict(fingerprint)
        self._kind = kind  # of place, where a run keeps more of it

    def save(
        self, place: Place, learning: Mapping[str, Tensor], optimiser: Optimiser, mean: Mapping[str, Tensor] = NONE, *, keep: int
    ) -> None:
        """Write a checkpoint, then delete all but the last `keep` and the best weights they name."""
        tensors = {WEIGHT + name: parameter.detach() for name, parameter in learning.items()}
        tensors |= {MEAN + name: tensor for name, tensor in mean.items()}
        tensors |= _optimiser_tensors(optimiser) | _chance_tensors()
        whole = _whole(tensors)
        if not is_first_process():
            return
        with self._room(f"the checkpoint of step {place.step}"), written_whole(self._of_step(place.step)) as folder:
            save_file(whole, folder / TENSORS)
            state = {"place": asdict(place), "fingerprint": self.fingerprint}
            (folder / STATE).write_text(json.dumps(state, indent=2, sort_keys=True), encoding="utf-8")
        self._prune(keep, place.best_step)

    def save_best(self, step: int, learning: Mapping[str, Tensor]) -> None:
        """Set the best weights aside."""
        whole = _whole({name: parameter.detach() for name, parameter in learning.items()})
        if not is_first_process():
            return
        with self._room(f"the best weights, of step {step},"), written_whole(self._best(step)) as folder:
            save_file(whole, folder / TENSORS)

    def drop_damaged(self) -> list[str]:
        """Delete every checkpoint that is not whole, so that none is ever taken for the newest; returns their names."""
        dropped = [folder for folder in self._newest_first() if not self._is_whole(folder)]
        for folder in dropped:
            shutil.rmtree(folder)
        return [folder.name for folder in dropped]

    def _is_whole(self, folder: Path) -> bool:
        """Whether a checkpoint, and the best weights it names, are as they were written."""
        state = _state_of(folder)
        best = state["place"]["best_step"] if state else 0
        return state is not None and (not best or _is_sound(self._best(best)))

    def newest_step(self) -> int:
        """The step the newest checkpoint stands at, 0 where there is none."""
        return next((int(folder.name.removeprefix("step-")) for folder in self._newest_first()), 0)

    def require_own(self) -> None:
        """Refuse checkpoints of another recipe, other data or another base, once the damaged ones are dropped."""
        for folder in self._newest_first()[:1]:  # its digests were checked just now
            self._refuse_another_run(_stated(folder)["fingerprint"])

    def restore(self, learning: Mapping[str, Tensor], optimiser: Optimiser, mean: Mapping[str, Tensor] = NONE) -> Place | None:
        """Put the newest checkpoint back in place; None where there is none."""
        found = next(((folder, state) for folder in self._newest_first() if (state := _state_of(folder))), None)
        place = self._kind(**found[1]["place"]) if found else None
        if not all_same(place.step if place else 0):
            hint = "the folder of a run must be on a disk that all machines share, under the same name"
            raise TrainingError("the processes of this run do not find the same checkpoint", [hint])
        if found is None:
            return None
        folder, state = found
        self._refuse_another_run(state["fingerprint"])
        tensors = load_file(folder / TENSORS)
        _fill(learning, _under(tensors, WEIGHT))
        _fill(mean, _under(tensors, MEAN))
        _fill_optimiser(optimiser, _under(tensors, OPTIMISER))
        _fill_chance(_under(tensors, CHANCE))
        return place

    def restore_best(self, place: Place, learning: Mapping[str, Tensor]) -> None:
        """Put the best weights back in place; without a judgement the last ones stay."""
        if place.best_step:
            folder = self._best(place.best_step)
            try:
                check_sums(folder)
            except FolderError as error:
                raise TrainingError(
                    f"the best weights of step {place.best_step} are lost: {error.message}", error.problems
                ) from error
            _fill(learning, load_file(folder / TENSORS))

    def _room(self, what: str) -> AbstractContextManager[None]:
        """A full disk is told of with what is kept all the same."""
        return room_for(what, self.folder.parent, kept=lambda: [folder.name for folder in self._newest_first()])

    def _of_step(self, step: int) -> Path:
        return self.folder / f"step-{step:08d}"

    def _best(self, step: int) -> Path:
        return self.folder / f"best-{step:08d}"

    def _newest_first(self) -> list[Path]:
        return sorted(self.folder.glob("step-*"), reverse=True)

    def _prune(self, keep: int, best_step: int) -> None:
        for folder in self._newest_first()[keep:]:
            shutil.rmtree(folder, ignore_errors=True)
        kept = {self._best(step) for step in [best_step, *self._named_by_kept()]}
        for folder in self.folder.glob("best-*"):
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _named_by_kept(self) -> Iterator[int]:
        for folder in self._newest_first():
            if state := _state_of(folder):
                yield state["place"]["best_step"]

    def _refuse_another_run(self, fingerprint: Mapping[str, str]) -> None:
        """The same recipe and data, or no resume: a run that changed half-way is no run."""
        now = self.fingerprint
        keys = [key for key in sorted({*fingerprint, *now}) if fingerprint.get(key) != now.get(key)]
        problems = [CHANGED.get(key, f"{key} is another than it was") for key in keys if key != RECIPE]
        if RECIPE in keys:
            hint = "put recipe.toml back as it was, or follow the new one in another folder"
            problems += [*_told(fingerprint.get(RECIPE, ""), now.get(RECIPE, "")), hint]
        if problems:
            raise TrainingError(f"{self.folder} belongs to another run and cannot be resumed", problems)


def _told(before: str, after: str) -> list[str]:
    """What differs between two recipes; a checkpoint of an earlier version kept but the digest of its own."""
    return ["the recipe is another than it was"] if DIGEST.fullmatch(before) else differences(before, after)


def _state_of(folder: Path) -> dict[str, Any] | None:
    """What a checkpoint says of itself; None for one that is damaged."""
    return _stated(folder) if _is_sound(folder) else None


def _stated(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))
    return state


def _is_sound(folder: Path) -> bool:
    try:
        check_sums(folder)
    except FolderError:
        return False
    return True


def _whole(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors as the first process writes them; the others give their shares, and keep nothing."""
    writes, whole = is_first_process(), {}
    for name, tensor in tensors.items():
        all_of_it = gathered(tensor)
        if writes:
            whole[name] = all_of_it.cpu().contiguous()
    return whole


def _optimiser_tensors(optimiser: Optimiser) -> dict[str, Tensor]:
    state = optimiser.state_dict()["state"]
    return {f"{OPTIMISER}{index}/{key}": value for index, values in state.items() for key, value in values.items()}


def _fill_optimiser(optimiser: Optimiser, tensors: Mapping[str, Tensor]) -> None:
    learning = [parameter for group in optimiser.param_groups for parameter in group["params"]]  # in the order of its numbers
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition("/")
        state.setdefault(int(index), {})[key] = spread_like(tensor, learning[int(index)])
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})


def _chance_tensors() -> dict[str, Tensor]:
    """The state of every random number generator that training draws from (dropout)."""
    states = {CHANCE + "cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states |= {f"{CHANCE}cuda/{index}": state for index, state in enumerate(torch.cuda.get_rng_state_all())}
    return states


def _fill_chance(states: Mapping[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    for name, state in states.items():
        if name.startswith("cuda/") and int(name.removeprefix("cuda/")) < torch.cuda.device_count():
            torch.cuda.set_rng_state(state, int(name.removeprefix("cuda/")))


def _fill(learning: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    assert set(learning) == set(tensors), "the fingerprint matched, the weights do not"
    with torch.no_grad():
        for name, parameter in learning.items():
            parameter.copy_(spread_like(tensors[name], parameter))


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
