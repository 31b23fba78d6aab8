"""
A sweep: trials of a recipe with other values, held against each other by the dev part alone.

A trial ends with its last step: it is not judged on the test part. The best one alone is, once no trial is left to do.
"""

import gc
import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.errors import HateTinyLLMError, RunLocked, TrainingError
from hatetinyllm.folder import remove_leftovers, write_text_whole
from hatetinyllm.processes import has_siblings
from hatetinyllm.registry import load_plugins
from hatetinyllm.reporting.training_curve import draw_curve
from hatetinyllm.studies.sweep_recipe import SweepRecipe, read_sweep, require_followable, to_toml
from hatetinyllm.studies.swept import Places, Swept, judgements, kept_judgement, outcome_of, write_swept
from hatetinyllm.studies.trial import Trial
from hatetinyllm.studies.trials import Trials
from hatetinyllm.training.follow import Outcome, Stage, check, follow
from hatetinyllm.training.loop import Step
from hatetinyllm.training.material import Material
from hatetinyllm.training.run import Run, locked, open_run

KILLED_STARTS = 3  # begun so often without getting further: the machine ends it each time
HOPELESS = 3  # trials failed and none done: something is wrong with all of them
SHARED = ("data", "sample", "split", "beside", "heads", "text", "model")  # what the rows and their tokens come from
REASON_CHARACTERS = 300


@dataclass(frozen=True, kw_only=True)
class Began:
    """A trial was begun, or is gone on with."""

    trial: Trial
    of: int


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A trial is over; `best` is the best one so far."""

    trial: Trial
    of: int
    best: Trial | None


@dataclass(frozen=True, kw_only=True)
class Judging:
    """No trial is left to do: the best one is judged on the test part."""

    best: Trial


Event = Began | Stage | Step | Ended | Judging | Swept


def sweep(given: Mapping[str, Any], folder: Path, *, resume: bool = False) -> Generator[Event]:
    """Do what is left of the trials, then judge the best one; whoever stops listening can go on with it later."""
    if has_siblings():
        raise TrainingError("a sweep is one process", ["start it without a launcher, and let the best recipe run on several"])
    load_plugins(given.get("plugins", ()))
    recipe = read_sweep(given)
    require_followable(recipe, check)
    places = Places(folder=folder)
    with _held(places, resume=resume):
        write_text_whole(places.recipe, to_toml(recipe))
        yield from _search(recipe, places)


@contextmanager
def _held(places: Places, *, resume: bool) -> Iterator[None]:
    """Hold the folder for writing; one that holds something else, or a sweep that is not to be gone on with, is refused."""
    folder = places.folder
    if folder.exists() and not folder.is_dir():
        raise TrainingError(f"{str(folder)!r} is a file", ["choose a folder by --out"])
    found = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    if places.recipe.name in found and not resume:
        raise TrainingError(f"{str(folder)!r} holds a sweep already", ["go on by --resume, or choose another folder by --out"])
    if found and places.recipe.name not in found:
        raise TrainingError(f"{str(folder)!r} holds files that are no sweep's", [*found[:8], "choose another folder by --out"])
    with locked(folder):
        remove_leftovers(folder)
        yield


def _search(recipe: SweepRecipe, places: Places) -> Generator[Event]:
    trials, shared = Trials(places.journal, recipe), _Shared()
    _tidy(trials, recipe, places)
    while sum(trial.standing != "running" for trial in trials) < recipe.trials:
        trial = trials.begin()
        yield Began(trial=trial, of=recipe.trials)
        yield from _try(trials, trial, recipe, places, shared)
        ended = list(trials)[trial.number - 1]
        _tidy(trials, recipe, places)
        best = trials.best()
        yield Ended(trial=ended, of=recipe.trials, best=best)
        _require_hope(list(trials))
    if (best := trials.best()) and not places.run(best.number).results.is_file():
        yield Judging(best=best)
        yield from _judge(best, recipe, places, shared)
    yield _write(trials, recipe, places)


def _try(trials: Trials, trial: Trial, recipe: SweepRecipe, places: Places, shared: "_Shared") -> Generator[Stage | Step]:
    """Train with the values of a trial, and tell how it ended; a trial that fails leaves the others their chance."""
    if twin := trials.twin(trial):
        trials.end("done", score=twin.score, same_as=twin.number, step=twin.step)
        return
    run = places.run(trial.number)
    starts = [*trial.starts, _newest_step(run)]
    if starts.count(starts[-1]) > KILLED_STARTS:
        trials.end(
            "failed", reason=f"its process was ended {KILLED_STARTS} times at step {starts[-1]:,}: was the memory at its end?"
        )
        return
    trials.note(starts=starts)
    began = time.monotonic()
    try:
        pruned = yield from _train(trials, recipe, run, check(recipe.of_trial(trial.values)), shared)
    except (GeneratorExit, KeyboardInterrupt):  # asked to stop, after saving: that is no fault of the trial's
        trials.note(starts=trial.starts, seconds=_seconds(trial, began))
        raise
    except (OSError, RunLocked):
        raise
    except Exception as error:
        trials.end("failed", reason=_in_words(error), seconds=_seconds(trial, began))
        error.__traceback__ = None  # its frames hold the net
        _free()
    else:
        _end(trials, recipe, run, pruned=pruned, seconds=_seconds(trial, began))


def _end(trials: Trials, recipe: SweepRecipe, run: Run, *, pruned: bool, seconds: float) -> None:
    """Tell the score of the weights that the trial's run kept."""
    kept, metric = kept_judgement(run), recipe.search.metric
    score = kept.metrics[metric] if kept else None
    if pruned:
        trials.end("pruned", seconds=seconds)
    elif kept is None or score is None:
        trials.end("failed", reason=f"the dev part gives no {metric}", seconds=seconds)
    else:
        trials.end("done", score=score, step=kept.step, seconds=seconds)


def _train(
    trials: Trials, recipe: SweepRecipe, run: Run, trial: Recipe, shared: "_Shared"
) -> Generator[Stage | Step, None, bool]:
    """Follow a trial's recipe to its last step; True if it was pruned before."""
    with open_run(run.folder, resume=run.recipe.is_file()) as opened, closing(shared.follow(trial, opened)) as events:
        for event in events:
            if isinstance(event, Stage) and event.name == "judging":
                return False
            assert not isinstance(event, Outcome)
            yield event
            if isinstance(event, Step) and event.dev is not None:
                score = event.dev.metrics[recipe.search.metric]
                judgement = len(judgements(run))
                if score is not None and trials.report(judgement, score) and event.number < event.of:
                    return True
    return False


class _Shared:
    """What was read last, for trials that read the same."""

    def __init__(self) -> None:
        self._key: Any = None
        self._material: Material | None = None

    def follow(self, recipe: Recipe, run: Run) -> Generator[Stage | Step | Outcome]:
        """Follow a recipe, with the rows and tokens that are here already, if they are its own."""
        key = [recipe[section] for section in SHARED]
        if key != self._key:
            self._key, self._material = None, None
        with closing(follow(recipe, run, material=self._material)) as events:
            for event in events:
                if isinstance(event, Material):
                    self._key, self._material = key, event
                else:
                    yield event


def _judge(best: Trial, recipe: SweepRecipe, places: Places, shared: "_Shared") -> Generator[Stage | Step]:
    """Go on with the best trial's run where it ended: it is judged on the test part, and saved as a bundle."""
    run = places.run(best.number)
    trained = check(recipe.of_trial(best.values))
    with open_run(run.folder, resume=True) as opened, closing(shared.follow(trained, opened)) as events:
        for event in events:
            if not isinstance(event, Outcome):
                yield event
    draw_curve(run.steps, run.curve)


def _tidy(trials: Trials, recipe: SweepRecipe, places: Places) -> None:
    """Delete the checkpoints of what is over and not the best, keep the best recipe, and write what is known so far."""
    best = trials.best()
    for trial in trials:
        if trial.standing != "running" and (best is None or trial.number != best.number):
            shutil.rmtree(places.run(trial.number).checkpoints, ignore_errors=True)
    _write(trials, recipe, places)


def _write(trials: Trials, recipe: SweepRecipe, places: Places) -> Swept:
    swept = outcome_of(list(trials), trials.best(), trials.importance(), recipe, places)
    write_swept(swept, recipe, places)
    return swept


def _require_hope(trials: Sequence[Trial]) -> None:
    """Where the first trials all failed, the others would too."""
    if len(trials) >= HOPELESS and all(trial.standing == "failed" for trial in trials):
        told = [f"trial {trial.number}: {trial.reason}" for trial in trials[-HOPELESS:]]
        raise TrainingError(f"the first {len(trials)} trials failed, and none was done", told)


def _newest_step(run: Run) -> int:
    """The step a run would be gone on with from."""
    return max((int(path.name.removeprefix("step-")) for path in run.checkpoints.glob("step-*")), default=0)


def _seconds(trial: Trial, began: float) -> float:
    return round(trial.seconds + time.monotonic() - began, 1)


def _in_words(error: Exception) -> str:
    """A reason on one line: what our own errors say, or the kind of any other."""
    if isinstance(error, HateTinyLLMError):
        return "; ".join([error.message, *error.problems])[:REASON_CHARACTERS]
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"[:REASON_CHARACTERS]


def _free() -> None:
    """Give back what a trial held, so that the next one has all of the memory."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
