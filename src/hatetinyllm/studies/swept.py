"""
What a sweep came to, and the folder it lies in.

    sweep.toml      the recipe, with what is swept
    journal.jsonl   the trials, as Optuna keeps them
    trials/0007/    the run of a trial, as `train` writes it; only the best one keeps its checkpoints
    best.toml       the best trial's recipe, every value written out, ready for `train`
    sweep.json      every trial with its values, its score and its end
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import write_text_whole
from hatetinyllm.plain import to_json
from hatetinyllm.studies.sweep_recipe import SweepRecipe
from hatetinyllm.studies.trial import Trial
from hatetinyllm.training.run import Run
from hatetinyllm.typed import TypedError, build
from hatetinyllm.types import Result

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep came to."""

    folder: Path
    metric: str
    trials: tuple[Trial, ...]
    best: Trial | None
    importance: Mapping[str, float]  # of each option, together 1; empty where too few trials say so
    judgements: int  # of the dev part, in all trials
    results: tuple[Result, ...]  # of the best trial, on the test part
    tested: tuple[int, ...]  # trials that were judged on the test part: more than one where a sweep was gone on with

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader of the figures must know."""
        done = sum(trial.standing == "done" for trial in self.trials)
        told = [
            f"dev scores flatter: the best of {done:,} trials was chosen among {self.judgements:,} judgements of one dev part; "
            "nothing was chosen by the test part"
        ]
        if len(self.tested) > 1:
            numbers = ", ".join(map(str, self.tested))
            told.append(
                f"the test part was judged for {len(self.tested):,} trials of this sweep ({numbers}): it is not unseen any more"
            )
        return tuple(told) if self.best else ()


@dataclass(frozen=True, kw_only=True)
class Places:
    """The places inside a sweep's folder."""

    folder: Path

    @property
    def recipe(self) -> Path:
        """What is swept."""
        return self.folder / "sweep.toml"

    @property
    def journal(self) -> Path:
        """The trials."""
        return self.folder / "journal.jsonl"

    @property
    def best(self) -> Path:
        """The best trial's recipe."""
        return self.folder / "best.toml"

    @property
    def trials(self) -> Path:
        """Every trial, for programs."""
        return self.folder / "sweep.json"

    def run(self, number: int) -> Run:
        """The run of a trial."""
        return Run(folder=self.folder / "trials" / f"{number:04d}")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A judgement of the dev part, from a run's log of steps."""

    step: int
    metrics: Mapping[str, float | None]
    best: bool  # of the run so far


def judgements(run: Run) -> list[Judgement]:
    """All of a run so far; a line that a kill cut short is none, and of a step told twice the later counts."""
    found: dict[int, Judgement] = {}
    for line in run.steps.read_text(encoding="utf-8").splitlines() if run.steps.is_file() else ():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if dev := told.get("dev"):
            found[told["number"]] = Judgement(step=told["number"], metrics=dev["metrics"], best=told["best"])
    return [found[step] for step in sorted(found)]


def kept_judgement(run: Run) -> Judgement | None:
    """The judgement of the weights that a run keeps, which are those of its best macro-F1."""
    return next((one for one in reversed(judgements(run)) if one.best), None)


def outcome_of(
    trials: Sequence[Trial], best: Trial | None, importance: Mapping[str, float], recipe: SweepRecipe, places: Places
) -> Swept:
    """What the trials came to so far."""
    return Swept(
        folder=places.folder,
        metric=recipe.search.metric,
        trials=tuple(trials),
        best=best,
        importance=importance,
        judgements=sum(len(judgements(places.run(trial.number))) for trial in trials),
        results=_results(places.run(best.number)) if best else (),
        tested=tuple(trial.number for trial in trials if places.run(trial.number).results.is_file()),
    )


def write_swept(swept: Swept, recipe: SweepRecipe, places: Places) -> None:
    """Keep every trial, and the best one's recipe."""
    told = {
        "format": FORMAT,
        "search": recipe.search,
        "over": {axis.place: axis.said for axis in recipe.space},
        **{name: getattr(swept, name) for name in ("metric", "trials", "best", "importance", "judgements", "results", "tested")},
        "caveats": swept.caveats,
    }
    write_text_whole(places.trials, to_json(told, indent=2) + "\n")
    if swept.best:
        write_text_whole(places.best, places.run(swept.best.number).recipe.read_text(encoding="utf-8"))


def _results(run: Run) -> tuple[Result, ...]:
    """How a run fared on the test part; nothing before it was judged."""
    if not run.results.is_file():
        return ()
    try:
        return tuple(build(Result, item, "result") for item in json.loads(run.results.read_text(encoding="utf-8")))
    except (ValueError, TypedError) as error:
        raise TrainingError(f"{run.results} cannot be read: {error}") from error
