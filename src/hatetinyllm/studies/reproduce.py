"""
The grid of cells, from recipes to results: what is to be run, what is done already, and what became of each.

Each run is a process of its own. A cell that is done is not done again, one that was begun goes on, one that failed keeps
its error and the others go on. This file does not know how a table looks.
"""

import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

from hatetinyllm.config.recipe import Section, resolve, to_toml
from hatetinyllm.data.dataset import card_of, consent_missing
from hatetinyllm.data.licence import licence
from hatetinyllm.errors import HateTinyLLMError, LicenceError, RecipeError, TrainingError
from hatetinyllm.models.card import card_of as card_of_model
from hatetinyllm.models.local import own_folder
from hatetinyllm.studies.cells import DATA, SPLIT_NAMES, STAND_INS, Cell, SplitName, given_of, seeds_of
from hatetinyllm.studies.children import Ended, Event, State, work, write_state
from hatetinyllm.studies.sections import zero_shot_sections
from hatetinyllm.studies.study import Task, folder_of
from hatetinyllm.studies.tiny import settings_of
from hatetinyllm.training.sections import sections


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What is asked for: which cells, on which splits, from how many seeds, on real nets or tiny ones."""

    cells: tuple[Cell, ...]
    splits: tuple[SplitName, ...] = SPLIT_NAMES
    seeds: int = 1
    settings: tuple[str, ...] = ()  # section.key=value, laid over every cell that has the section
    tiny: bool = False
    stand_ins: tuple[str, ...] = ()  # datasets whose place is taken by made-up rows

    @property
    def identity(self) -> dict[str, object]:
        """What two studies must share to share a folder."""
        return {"nets": "tiny" if self.tiny else "real", "stand_ins": sorted(self.stand_ins)}


def sections_of(cell: Cell) -> Mapping[str, Section]:
    """The sections of a cell's recipe."""
    return sections() if cell.trained else zero_shot_sections()


def plan(out: Path, grid: Grid) -> tuple[Task, ...]:
    """Every run of the grid with its whole recipe; what is wrong with any of them is told at once."""
    tasks, problems = list[Task](), dict[str, None]()
    for cell in grid.cells:
        known = sections_of(cell)
        for split in grid.splits:
            for seed in seeds_of(cell, split, grid.seeds):
                try:
                    recipe = resolve(given_of_run(grid, cell, split, seed), known)
                except RecipeError as error:
                    problems |= dict.fromkeys(error.problems or [error.message])
                    continue
                folder = folder_of(out, cell, split, seed)
                tasks.append(Task(cell=cell, split=split, seed=seed, recipe=to_toml(recipe, known), folder=folder))
    if problems:
        raise RecipeError("the cells cannot be run as asked", list(problems))
    return tuple(tasks)


def given_of_run(grid: Grid, cell: Cell, split: SplitName, seed: int) -> dict[str, Any]:
    """The recipe of one run; a setting that is for other cells alone is left to those."""
    own = [setting for setting in grid.settings if _concerns(setting, cell)]
    small = settings_of(cell) if grid.tiny else ()
    return given_of(cell, split, seed, [*small, *own], stand_in=cell.dataset in grid.stand_ins)


def _concerns(setting: str, cell: Cell) -> bool:
    """Not one of a section that only other cells have, nor a word on pickles where a model has safetensors."""
    place = setting.partition("=")[0].strip()
    if place == "model.pickled":
        card, own = card_of_model(cell.model), own_folder(cell.model)
        return not any(own.glob("*.safetensors")) if own else card is not None and not card.safetensors
    elsewhere = {*sections(), *zero_shot_sections()} - set(sections_of(cell))
    return place.partition(".")[0] not in elsewhere


def dataset_names(grid: Grid) -> tuple[str, ...]:
    """The registered datasets that the cells read."""
    own = (STAND_INS if cell.dataset in grid.stand_ins else DATA for cell in grid.cells)
    return tuple(dict.fromkeys(str(places[cell.dataset]["name"]) for places, cell in zip(own, grid.cells, strict=True)))


def require_consents(grid: Grid) -> None:
    """Every licence that was not agreed to, told at once and before anything is begun."""
    missing = [card for name in dataset_names(grid) if (card := card_of(name)) and consent_missing(card)]
    if not missing:
        return
    told = [f"{card.name}: {licence(card.licence).name}, {licence(card.licence).url or card.source}" for card in missing]
    names = ",".join(card.name for card in missing)
    agree = " and ".join(f"`hatetinyllm data accept {card.name}`" for card in missing)
    raise LicenceError(
        "these datasets ask for consent: no commercial use, and none of what is trained on them",
        [*told, f"agree by {agree}, or HATETINYLLM_ACCEPT={names}"],
    )


def settle_changed(tasks: Sequence[Task]) -> None:
    """A run keeps the recipe it was begun with; one of another recipe is refused, or makes way if it came to nothing yet."""
    problems = []
    for task in tasks:
        path = task.folder / "recipe.toml"
        before = path.read_text(encoding="utf-8") if path.is_file() else task.recipe
        if before == task.recipe:
            continue
        if not _came_to_something(task):
            shutil.rmtree(task.folder)
            continue
        changed = unified_diff(before.splitlines(), task.recipe.splitlines(), lineterm="", n=0)
        lines = [line for line in changed if not line.startswith(("---", "+++", "@@"))]
        problems.append(f"{task.said}: {'  '.join(lines[:6])}  (- as it was, + as it is now)")
    if problems:
        hints = ["choose another folder by --out, or delete the folder of such a cell to run it anew"]
        raise TrainingError("these cells were begun with another recipe", [*problems[:10], *hints])


def _came_to_something(task: Task) -> bool:
    """Whether a run has a result, a checkpoint or an answer: a model that was not here leaves none of them."""
    answers = task.run / "answers.jsonl"
    kept = task.result.is_file() or task.results.is_file() or any((task.run / "checkpoints").glob("step-*"))
    return kept or (answers.is_file() and answers.stat().st_size > 0)


def undone(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks that have no result yet."""
    return tuple(task for task in tasks if not task.result.is_file())


def reproduce(
    tasks: Sequence[Task],
    program: Sequence[str],
    environment: Mapping[str, str],
    gather: Callable[[Task, State], object],
    *,
    jobs: int = 1,
) -> Generator[Event]:
    """Run what is not done, and gather the result of each as it ends; one that cannot be gathered has failed."""
    with closing(work(undone(tasks), program, environment, jobs=jobs)) as events:
        for event in events:
            yield _gathered(event, gather) if isinstance(event, Ended) else event


def _gathered(ended: Ended, gather: Callable[[Task, State], object]) -> Ended:
    if ended.state.status != "done":
        return ended
    try:
        gather(ended.task, ended.state)
    except HateTinyLLMError as error:
        state = replace(ended.state, status="failed", error=(error.message, *error.problems))
        write_state(ended.task, state)
        return Ended(task=ended.task, state=state)
    return ended
