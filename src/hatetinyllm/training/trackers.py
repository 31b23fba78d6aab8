"""
The figures of a run as they come, told to a tracker by accelerate's own classes: `train.tracker` is one of `TRACKERS`.

Told are loss, learning rate, speed, what the dev part was judged, and of the recipe its numbers, its names of parts and
the words of [train] and [tuning]: never a text, a path or a word of the data. A tracker that fails at the start stops the
run before it has done much; one that fails later is told of and left, and the run goes on.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any

from accelerate.tracking import GeneralTracker, MLflowTracker, TensorBoardTracker, TrackioTracker, WandBTracker

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import write_text_whole
from hatetinyllm.training.loop import Step
from hatetinyllm.training.run import Run

PROJECT = "hatetinyllm"
TOLD_EVERY_S = 1.0  # a tracker that answers over a network would hold up short steps; of those between, the mean is told
WORDS_OF = ("train", "tuning")  # sections whose words are told, beside their numbers
KEPT = "run.json"  # which run of the tracker's it is, so that one gone on with goes on there


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the tracker finds this run again: its folder here, its name and identity there."""

    folder: Path
    name: str
    identity: str
    after: int  # steps that were told before


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a tracker is begun, by which packages, any of them, and what its user is told."""

    packages: tuple[str, ...]
    begin: Callable[[Place], GeneralTracker]
    note: Callable[[Place], str]
    every_s: float = TOLD_EVERY_S


def wrong_tracker(name: str) -> list[str]:
    """What is wrong with a choice: its package is not installed."""
    if name == "none" or any(find_spec(package) for package in TRACKERS[name].packages):
        return []
    package = TRACKERS[name].packages[0]
    return [f"train.tracker is {name!r}, and the package {package} is not installed: pip install {package}"]


def note_of(name: str, run: Run) -> str:
    """Where the figures of a run will be, and whether they leave this machine; nothing without a tracker."""
    return "" if name == "none" else TRACKERS[name].note(_place(run, after=0))


def tracked(steps: Iterator[Step], name: str, run: Run, recipe: Recipe) -> Iterator[Step]:
    """Pass steps on and tell the tracker of them, if it is this process that speaks."""
    return steps if name == "none" or not run.writes else _tracked(steps, name, run, recipe)


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """Of a recipe what may be told: numbers, names of parts, and the words of how it learns."""
    told: dict[str, Any] = {}
    for section, choice in recipe.sections.items():
        if choice.name:
            told[section] = choice.name
        for option, value in choice.options.items():
            if isinstance(value, int | float) or (section in WORDS_OF and isinstance(value, str)):
                told[f"{section}.{option}"] = value
    return told


def _tracked(steps: Iterator[Step], name: str, run: Run, recipe: Recipe) -> Iterator[Step]:
    begun, told, waiting = False, 0.0, list[Step]()
    tracker: GeneralTracker | None = None
    with closing(steps) if isinstance(steps, Generator) else nullcontext():
        try:
            for step in steps:
                if not begun:  # only now does accelerate know which process this is
                    tracker, begun = _begun(name, run, recipe, first=step.number), True
                waiting.append(step)
                if tracker and (step.dev or step.number == step.of or time.monotonic() - told >= TRACKERS[name].every_s):
                    problem = _told(tracker, waiting)
                    told, waiting = time.monotonic(), []
                    tracker = None if problem or step.number == step.of else tracker
                    notes = [f"tracker {name} is left, and training goes on: {problem}"] if problem else []
                    step = replace(step, notes=(*step.notes, *notes))
                yield step
        finally:
            if tracker:
                with suppress(Exception):  # it has been told all; what ended the run is what counts
                    tracker.finish()


def _told(tracker: GeneralTracker, steps: Sequence[Step]) -> str:
    """Tell of some steps, and close after the last of all; what went wrong, of whatever kind: the run is worth more."""
    try:
        tracker.log(_figures(steps), step=steps[-1].number)
        if steps[-1].number == steps[-1].of:
            tracker.finish()
    except Exception as error:
        return _in_words(error)
    return ""


def _begun(name: str, run: Run, recipe: Recipe, *, first: int) -> GeneralTracker:
    """The tracker, on the run it had before if there was one."""
    place = _place(run, after=first - 1)
    known = (place.folder / KEPT).is_file()
    place.folder.mkdir(exist_ok=True)
    try:
        tracker = TRACKERS[name].begin(place)
        tracker.start()
        if not known:
            tracker.store_init_configuration(settings_of(recipe))
    except Exception as error:
        hints = [_in_words(error), f'go on without: train.tracker = "none" instead of "{name}"']
        raise TrainingError(f"tracker {name!r} cannot be begun", hints) from error
    identity = tracker.tracker.info.run_id if name == "mlflow" else place.identity  # MLflow gives its own
    write_text_whole(place.folder / KEPT, json.dumps({"tracker": name, "identity": identity}) + "\n")
    return tracker


def _place(run: Run, *, after: int) -> Place:
    kept = run.tracker / KEPT
    known = json.loads(kept.read_text(encoding="utf-8"))["identity"] if kept.is_file() else ""
    identity = known or secrets.token_hex(4)
    return Place(folder=run.tracker, name=f"{run.folder.resolve().name}-{identity[:8]}", identity=identity, after=after)


def _figures(steps: Sequence[Step]) -> dict[str, float]:
    """Means of the steps since the last that was told, and the judgement if the newest has one."""
    newest = steps[-1]
    seconds = sum(step.seconds for step in steps)
    told: dict[str, float] = {
        "loss": fmean(step.loss for step in steps),
        "learning_rate": newest.learning_rate,
        "epoch": newest.epoch,
        "texts_per_s": sum(step.texts for step in steps) / seconds,
        "tokens_per_s": sum(step.tokens for step in steps) / seconds,
    }
    judged: Mapping[str, float | None] = newest.dev.metrics if newest.dev else {}
    return told | {f"dev/{name}": value for name, value in judged.items() if value is not None}


def _in_words(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _tensorboard(place: Place) -> GeneralTracker:
    return TensorBoardTracker(place.folder.name, place.folder.parent, purge_step=place.after + 1)


def _wandb(place: Place) -> GeneralTracker:
    """What is printed is not sent along."""
    return WandBTracker(
        PROJECT,
        name=place.name,
        id=place.identity,
        resume="allow",
        dir=str(place.folder),
        mode=_wandb_mode(),
        settings={"console": "off", "save_code": False},
    )


def _mlflow(place: Place) -> GeneralTracker:
    known = (place.folder / KEPT).is_file()
    return MLflowTracker(PROJECT, run_id=place.identity if known else None, run_name=place.name)


def _trackio(place: Place) -> GeneralTracker:
    return TrackioTracker(PROJECT, name=place.name, resume="allow")


def _wandb_mode() -> str:
    """Online only where the environment asks for it: being logged in from before is no wish."""
    return os.environ.get("WANDB_MODE") or ("online" if os.environ.get("WANDB_API_KEY") else "offline")


def _wandb_note(place: Place) -> str:
    if _wandb_mode() == "online":
        return f"figures and settings go to Weights & Biases over the network, as project {PROJECT}; no text does"
    return f"Weights & Biases keeps figures in {place.folder}, and sends nothing; WANDB_MODE=online sends them"


def _mlflow_note(place: Place) -> str:
    if address := os.environ.get("MLFLOW_TRACKING_URI"):
        return f"figures and settings go to MLflow at {address}, as experiment {PROJECT}; no text does"
    return "MLflow keeps figures on this machine, in this folder, and sends nothing; MLFLOW_TRACKING_URI names a server"


def _trackio_note(place: Place) -> str:
    asked = [name for name in ("TRACKIO_SERVER_URL", "TRACKIO_SPACE_ID") if os.environ.get(name)]
    if asked:
        return f"figures and settings go where {asked[0]} says, by trackio, as project {PROJECT}; no text does"
    return "trackio keeps figures on this machine, and sends nothing: trackio show"


TRACKERS: Mapping[str, Way] = {
    "tensorboard": Way(
        packages=("tensorboard", "tensorboardX"),
        begin=_tensorboard,
        note=lambda place: f"tensorboard --logdir {place.folder} shows how it goes; nothing is sent",
        every_s=0.0,
    ),
    "wandb": Way(packages=("wandb",), begin=_wandb, note=_wandb_note),
    "mlflow": Way(packages=("mlflow",), begin=_mlflow, note=_mlflow_note),
    "trackio": Way(packages=("trackio",), begin=_trackio, note=_trackio_note),
}
