"""
The trials of a sweep, as Optuna keeps them in a journal of JSON lines; `optuna-dashboard` can read it.

A trial is chosen by random numbers of its own, from the search's seed and its number: a sweep that was stopped, however
often, tries what one that was not would have tried. Whoever opens a journal holds the sweep's folder.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.importance import get_param_importances
from optuna.pruners import MedianPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import FrozenTrial, TrialState

from hatetinyllm.errors import TrainingError
from hatetinyllm.studies.space import Axis, Choices, applying, is_name
from hatetinyllm.studies.sweep_recipe import SWEEP, SweepRecipe
from hatetinyllm.studies.trial import Standing, Trial

STRIDE = 1_000_003  # between the random numbers of two trials
ENOUGH_FOR_IMPORTANCE = 10  # finished trials; fewer say nothing of what matters
STARTUP = 5  # trials that are not pruned, and that others are held against
SECONDS, REASON, SAME, STEP, STARTS = "seconds", "reason", "same_as", "step", "starts"  # what a trial keeps beside its values

STANDINGS: Mapping[TrialState, Standing] = {
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "running",
}


class _Held(JournalFileOpenLock):
    """No lock of the journal's own: one that a killed process left would be waited for, and the folder is held anyway."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


class _InOrder(BaseSampler):
    """The values of one trial of a grid."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        value = self._values[param_name]
        return _word(value) if isinstance(param_distribution, CategoricalDistribution) else value


class Trials:
    """All trials of a sweep, in its journal."""

    def __init__(self, journal: Path, recipe: SweepRecipe) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        if journal.is_file():
            _cut_half_line(journal)
        backend = JournalFileBackend(str(journal), lock_obj=_Held(str(journal)))
        self._recipe = recipe
        self._open: optuna.trial.Trial | None = None
        self._axes = {axis.place: axis for axis in recipe.space}
        pruner = MedianPruner(n_startup_trials=STARTUP) if recipe.search.prune else optuna.pruners.NopPruner()
        try:
            self._study = optuna.create_study(
                storage=JournalStorage(backend), study_name=SWEEP, direction="maximize", pruner=pruner, load_if_exists=True
            )
        except (ValueError, KeyError) as error:
            raise TrainingError(f"{journal} cannot be read: {error}", ["it was changed; begin anew in another folder"]) from error

    def __iter__(self) -> Iterator[Trial]:
        return (self._told(frozen) for frozen in self._study.get_trials(deepcopy=False))

    def begin(self) -> Trial:
        """The trial that was begun and has no end, or else a new one; notes and reports are of it from now on."""
        all_of_them = self._study.get_trials(deepcopy=False)
        cut_off = next((one for one in all_of_them if not one.state.is_finished()), None)
        number = cut_off.number if cut_off else len(all_of_them)
        self._study.sampler = self._sampler(number)
        self._open = optuna.trial.Trial(self._study, cut_off._trial_id) if cut_off else self._study.ask()
        self._suggest(self._open)
        return self._at(number)

    def note(self, **words: Any) -> Trial:
        """Keep something beside the values of the trial that was begun."""
        for key, value in words.items():
            self._begun.set_user_attr(key, value)
        return self._at(self._begun.number)

    def report(self, judgement: int, score: float) -> bool:
        """Tell the score of a judgement, the first being 1; True if the trial is to be ended for it."""
        if judgement not in self._study.get_trials(deepcopy=False)[self._begun.number].intermediate_values:  # before a kill
            self._begun.report(score, judgement)
        return self._begun.should_prune()

    def end(self, standing: Standing, *, score: float | None = None, **words: Any) -> Trial:
        """The trial that was begun is over."""
        self.note(**{STARTS: [], **words})
        state = next(state for state, word in STANDINGS.items() if word == standing)
        self._study.tell(self._begun, score if standing == "done" else None, state)
        return self._at(self._begun.number)

    def twin(self, trial: Trial) -> Trial | None:
        """The first finished trial of the same values."""
        return next((one for one in self if one.standing == "done" and one.values == trial.values), None)

    def best(self) -> Trial | None:
        """The finished trial of the highest score, the first of several."""
        done = [one for one in self if one.standing == "done" and one.score is not None]
        return max(done, key=lambda one: (one.score or 0.0, -one.number), default=None)

    def importance(self) -> dict[str, float]:
        """How much of what lies between the scores goes with each option; empty where too few trials say so."""
        done = [one.score for one in self if one.standing == "done"]
        if len(done) < ENOUGH_FOR_IMPORTANCE or len(set(done)) < 2:
            return {}
        return {place: round(share, 4) for place, share in get_param_importances(self._study).items()}

    def _sampler(self, number: int) -> BaseSampler:
        search = self._recipe.search
        if search.sampler == "grid":
            return _InOrder(self._recipe.grid[number])
        seed = (search.seed * STRIDE + number) % 2**32
        return RandomSampler(seed=seed) if search.sampler == "random" else TPESampler(seed=seed)

    def _suggest(self, trial: optuna.trial.Trial) -> None:
        """Names first: they say which other options there are."""
        recipe = self._recipe
        names = {axis.place: _suggested(trial, axis) for axis in recipe.space if is_name(axis)}
        for axis in applying(recipe.space, names, recipe.stated, recipe.sections):
            _suggested(trial, axis)

    @property
    def _begun(self) -> optuna.trial.Trial:
        assert self._open is not None, "a trial is begun first"
        return self._open

    def _at(self, index: int) -> Trial:
        return self._told(self._study.get_trials(deepcopy=False)[index])

    def _told(self, frozen: FrozenTrial) -> Trial:
        kept = frozen.user_attrs
        values = {place: self._value(place, frozen.params[place]) for place in self._axes if place in frozen.params}
        return Trial(
            number=frozen.number + 1,
            standing=STANDINGS[frozen.state],
            values=values,
            score=frozen.value,
            step=kept.get(STEP),
            seconds=kept.get(SECONDS, 0.0),
            reason=kept.get(REASON, ""),
            same_as=kept.get(SAME),
            starts=tuple(kept.get(STARTS, ())),
        )

    def _value(self, place: str, told: Any) -> Any:
        axis = self._axes[place]
        return next(value for value in axis.values if _word(value) == told) if isinstance(axis, Choices) else told


def _suggested(trial: optuna.trial.Trial, axis: Axis) -> Any:
    if isinstance(axis, Choices):
        told = trial.suggest_categorical(axis.place, [_word(value) for value in axis.values])
        return next(value for value in axis.values if _word(value) == told)
    if axis.whole:
        return trial.suggest_int(axis.place, int(axis.low), int(axis.high), log=axis.log)
    return trial.suggest_float(axis.place, axis.low, axis.high, log=axis.log)


def _word(value: Any) -> str | int | float | bool:
    """A choice as Optuna keeps it; a list goes by its JSON."""
    return value if isinstance(value, str | int | float | bool) else json.dumps(value)


def _cut_half_line(journal: Path) -> None:
    """Take off what a kill left of a line: what it was about to tell is found out anew."""
    whole = journal.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        with journal.open("rb+") as stream:
            stream.truncate(end)
