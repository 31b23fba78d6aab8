"""From a finished run's folder to the cell's result: its figures, its recipe, what learnt, its time and its versions."""

import json
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from hatetinyllm.bundle import made_with, read_bundle
from hatetinyllm.errors import DataError, HateTinyLLMError
from hatetinyllm.folder import write_text_whole
from hatetinyllm.labels import SCHEMES
from hatetinyllm.models.model import outline
from hatetinyllm.studies.cell import CellResult, from_text, to_text
from hatetinyllm.studies.cells import CELLS, SPLIT_NAMES, Cell
from hatetinyllm.studies.children import State
from hatetinyllm.studies.study import Task
from hatetinyllm.training.counts import Counts, count, shape_of
from hatetinyllm.tuning.tune import tune
from hatetinyllm.typed import TypedError, build
from hatetinyllm.types import Choice, Result

LIBRARIES = ("torch", "transformers", "tokenizers", "peft")
VERSIONS_ARE_OURS = "its run kept no versions: those beside it are of the process that gathered its result"
TIME_IS_SHORT = "its process outlived the study that watched it: it took longer than its time says"
HEADLINE_LABELS = len(SCHEMES["hate"].labels)


def gather(task: Task, state: State, *, tiny: bool) -> CellResult:
    """Read what a run left, and keep it as the task's result."""
    recipe, results = _recipe(task.run / "recipe.toml"), _results(task.results)
    counts = count_weights(recipe) if task.cell.trained else None
    versions, notes = _recorded(task)
    if not versions:
        notes += (VERSIONS_ARE_OURS,)
    if not state.watched:
        notes += (TIME_IS_SHORT,)
    cell = CellResult(
        model=task.cell.model,
        method=task.cell.method,
        dataset=task.cell.dataset,
        split=task.split,
        seed=task.seed,
        results=results,
        recipe=recipe,
        learning=counts.total if counts else 0,
        weights=counts.net if counts else None,
        seconds=state.seconds,
        made_with=versions or made_with(**{library: version(library) for library in LIBRARIES}),
        tiny=tiny,
        notes=(*task.notes, *notes),
    )
    write_text_whole(task.result, to_text(cell))
    return cell


def read_cells(out: Path) -> tuple[CellResult, ...]:
    """Every result of a study, in the order of its cells; all that cannot be read are told at once."""
    found, problems = list[CellResult](), list[str]()
    for path in sorted(out.glob("cells/*/*/*/cell.json")):
        try:
            found.append(from_text(path.read_text(encoding="utf-8"), where=str(path)))
        except HateTinyLLMError as error:
            problems += [error.message, *error.problems]
    if problems:
        raise DataError("results of the study cannot be read", [*problems, "delete such a file, and it is gathered anew"])
    order = {cell: number for number, cell in enumerate(CELLS.values())}
    return tuple(sorted(found, key=lambda one: (order.get(_cell_of(one), len(order)), one.split != SPLIT_NAMES[0], one.seed)))


def _cell_of(found: CellResult) -> Cell:
    return Cell(model=found.model, method=found.method, dataset=found.dataset)


def count_weights(recipe: dict[str, dict[str, Any]]) -> Counts:
    """What learns by a recipe, from the configuration alone."""
    model, tuning = (_choice(recipe[section]) for section in ("model", "tuning"))
    with torch.device("meta"):
        net = outline(model, HEADLINE_LABELS)
        shape = shape_of(net)
        return count(shape, tune(net, tuning).net)


def _choice(options: dict[str, Any]) -> Choice:
    own = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items() if key != "name"}
    return Choice(name=options["name"], options=own)


def _recipe(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return {name: value for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items() if isinstance(value, dict)}
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _results(path: Path) -> tuple[Result, ...]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, list) or not content:
            raise DataError(f"{path} holds no result")
        return tuple(build(Result, item, "result") for item in content)
    except TypedError as error:
        raise DataError(f"{path} cannot be read", error.problems) from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _recorded(task: Task) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """What the run itself kept: the versions it was made with, and what a reader of its figures must know."""
    if task.cell.trained:
        manifest = read_bundle(task.run / "bundle").manifest
        return manifest.made_with, manifest.data.notes if manifest.data else ()
    path = task.run / "about.json"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        versions = {str(name): str(found) for name, found in about.get("made_with", {}).items()}
        return versions, tuple(str(note) for note in about["notes"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
