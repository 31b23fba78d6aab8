"""
The grid of cells, from recipes to results: what is to be run, what is done already, and what became of each.

Each run is a process of its own. A cell that is done is not done again, one that was begun goes on, one that failed keeps
its error and the others go on. This file does not know how a table looks.
"""

import json
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

from hatetinyllm.config.recipe import Recipe, Section, resolve, to_toml
from hatetinyllm.data.dataset import card_of, consent_missing
from hatetinyllm.data.licence import licence
from hatetinyllm.errors import HateTinyLLMError, LicenceError, RecipeError, TrainingError
from hatetinyllm.models.card import card_of as card_of_model
from hatetinyllm.models.local import OWN, find_other, own_folder
from hatetinyllm.studies.cells import (
    DATA,
    SPLIT_NAMES,
    STAND_INS,
    Cell,
    SplitName,
    given_of,
    place_of,
    seeds_of,
    wrong_settings,
)
from hatetinyllm.studies.children import Ended, Event, State, is_held, work, write_state
from hatetinyllm.studies.sections import zero_shot_sections
from hatetinyllm.studies.study import Task, folder_of
from hatetinyllm.studies.tiny import settings_of
from hatetinyllm.training.sections import sections

MADE_UP, CHANGED = "made-up rows of the demo stand in for", "changed by --set:"


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What is asked for: which cells, on which splits, from how many seeds, on real nets or tiny ones."""

    cells: tuple[Cell, ...]
    splits: tuple[SplitName, ...] = SPLIT_NAMES
    seeds: int = 1
    settings: tuple[str, ...] = ()  # section.key=value, laid over every cell that has the section
    tiny: bool = False
    stand_ins: tuple[str, ...] = ()  # datasets whose place is taken by made-up rows
    across: tuple[str, ...] = ()  # datasets that what was trained is judged on, the cells' own or not
    others: tuple[str, ...] = ()  # the same, but no dataset of the study: as registered

    @property
    def datasets(self) -> tuple[str, ...]:
        """The study's datasets that are read, by the cells or to judge on."""
        return tuple(dict.fromkeys([*(cell.dataset for cell in self.cells), *self.across]))

    @property
    def identity(self) -> dict[str, object]:
        """What two studies must share to share a folder: their nets, and the rows of each dataset that both read."""
        rows = {name: "made up" if name in self.stand_ins else "its own" for name in self.datasets}
        return {"nets": "tiny" if self.tiny else "real", "rows": rows}


def sections_of(cell: Cell) -> Mapping[str, Section]:
    """The sections of a cell's recipe."""
    return sections() if cell.trained else zero_shot_sections()


def plan(out: Path, grid: Grid) -> tuple[Task, ...]:
    """Every run of the grid with its whole recipe; what is wrong with any of them is told at once."""
    tasks, problems = list[Task](), dict.fromkeys([*wrong_settings(grid.settings), *_other_models(grid)])
    for cell in grid.cells:
        known = sections_of(cell)
        for split in grid.splits:
            for seed in seeds_of(cell, split, grid.seeds, grid.settings):
                try:
                    recipe = resolve(given_of_run(grid, cell, split, seed), known)
                    notes = tuple(_notes(grid, cell, split, seed, recipe))
                except RecipeError as error:
                    problems |= dict.fromkeys(error.problems or [error.message])
                    continue
                folder, text = folder_of(out, cell, split, seed), to_toml(recipe, known)
                tasks.append(Task(cell=cell, split=split, seed=seed, recipe=text, folder=folder, notes=notes))
    if problems:
        raise RecipeError("the cells cannot be run as asked", list(problems))
    return tuple(tasks)


def _other_models(grid: Grid) -> Iterator[str]:
    """A row must hold the model that it is called by; a study of tiny nets brings its own."""
    for name in () if grid.tiny else dict.fromkeys(cell.model for cell in grid.cells):
        if (card := card_of_model(name)) and (other := find_other(card)):
            yield f"{other} does not hold {name}: another shape, a tiny stand-in, or no weights; take it out of {OWN}"


def given_of_run(grid: Grid, cell: Cell, split: SplitName, seed: int) -> dict[str, Any]:
    """The recipe of one run; a setting that is for other cells alone is left to those."""
    own = [setting for setting in grid.settings if _concerns(setting, cell)]
    small = settings_of(cell) if grid.tiny else ()
    return given_of(cell, split, seed, [*small, *own], stand_in=cell.dataset in grid.stand_ins)


def _notes(grid: Grid, cell: Cell, split: SplitName, seed: int, recipe: Recipe) -> Iterator[str]:
    """What a reader of a run's figures must know of it: rows that are not its dataset's, and settings laid over its recipe."""
    if cell.dataset in grid.stand_ins:
        yield f"{MADE_UP} {cell.dataset}"
    usual = resolve(given_of_run(replace(grid, settings=()), cell, split, seed), sections_of(cell))
    for section, choice in recipe.sections.items():
        before = {"name": usual[section].name, **usual[section].options}
        for option, value in {"name": choice.name, **choice.options}.items():
            if option not in before or before[option] != value:
                yield f"{CHANGED} {section}.{option} = {json.dumps(value)}"


def _concerns(setting: str, cell: Cell) -> bool:
    """Not one of a section that only other cells have, nor a word on pickles where a model has safetensors."""
    place = place_of(setting)
    if place == "model.pickled":
        card, own = card_of_model(cell.model), own_folder(cell.model)
        return not any(own.glob("*.safetensors")) if own else card is not None and not card.safetensors
    elsewhere = {*sections(), *zero_shot_sections()} - set(sections_of(cell))
    return place.partition(".")[0] not in elsewhere


def dataset_names(grid: Grid) -> tuple[str, ...]:
    """The registered datasets that are read, by the cells or to judge on."""
    own = [str((STAND_INS if name in grid.stand_ins else DATA)[name]["name"]) for name in grid.datasets]
    return tuple(dict.fromkeys([*own, *grid.others]))


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
        if is_held(task):
            problems.append(f"{task.said}: a process of an earlier study still writes it; wait for its end, or end it")
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
