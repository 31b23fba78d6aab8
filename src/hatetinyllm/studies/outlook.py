"""What a study would take before it is begun: which runs are done, which models and licences are still wanting."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hatetinyllm.data.dataset import card_of as data_card_of
from hatetinyllm.data.dataset import consent_missing
from hatetinyllm.models.card import card_of
from hatetinyllm.models.local import find_local
from hatetinyllm.studies.children import read_state
from hatetinyllm.studies.reproduce import Grid, dataset_names
from hatetinyllm.studies.study import Task


@dataclass(frozen=True, kw_only=True)
class ModelOutlook:
    """A model of the grid: where it lies, or what has to be downloaded."""

    name: str
    runs: int
    folder: Path | None
    download_bytes: int  # 0 for one that is here
    licence: str
    commercial: bool
    gated: bool
    pickled: bool  # its weights are read only where the recipe allows it by name


@dataclass(frozen=True, kw_only=True)
class DataOutlook:
    """A dataset of the grid: its licence, and whether it was agreed to."""

    name: str
    licence: str
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class RunOutlook:
    """A run of the grid: the command that does it, what it follows, and how it stands."""

    name: str
    split: str
    seed: int
    status: str  # done, begun, failed, or not begun
    command: str
    recipe: str


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """All of it."""

    runs: tuple[RunOutlook, ...]
    models: tuple[ModelOutlook, ...]
    data: tuple[DataOutlook, ...]


def look_ahead(tasks: Sequence[Task], grid: Grid) -> Outlook:
    """What the tasks would take; nothing is downloaded and nothing is written."""
    undone = Counter(task.cell.model for task in tasks if not task.result.is_file())
    models = dict.fromkeys(task.cell.model for task in tasks)
    return Outlook(
        runs=tuple(_run(task) for task in tasks),
        models=() if grid.tiny else tuple(_model(name, undone[name]) for name in models),
        data=tuple(
            DataOutlook(name=card.name, licence=card.licence, agreed=not consent_missing(card))
            for name in dataset_names(grid)
            if (card := data_card_of(name))
        ),
    )


def _run(task: Task) -> RunOutlook:
    state = read_state(task)
    status = "done" if task.result.is_file() else state.status if state else "not begun"
    command = "train" if task.cell.trained else "zero-shot"
    return RunOutlook(name=task.cell.name, split=task.split, seed=task.seed, status=status, command=command, recipe=task.recipe)


def _model(name: str, runs: int) -> ModelOutlook:
    card = card_of(name)
    assert card is not None, "the models of the study have cards"
    folder = find_local(card)
    return ModelOutlook(
        name=name,
        runs=runs,
        folder=folder,
        download_bytes=0 if folder else card.download_bytes,
        licence=card.licence,
        commercial=card.commercial,
        gated=card.gated,
        pickled=not card.safetensors,
    )
