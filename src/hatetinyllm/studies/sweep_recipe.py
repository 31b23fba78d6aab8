"""
The recipe of a sweep: one for `train` with a [sweep], which says how to search, and a [sweep.over], which says what is tried.

    [sweep]
    trials = 20

    [sweep.over]
    train.learning_rate = "1e-5..1e-3"
    tuning.rank = [2, 4, 8]
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from hatetinyllm.config.preset import without_preset
from hatetinyllm.config.recipe import Section, resolve
from hatetinyllm.errors import HateTinyLLMError, RecipeError
from hatetinyllm.studies.space import Axis, Values, flat, grid, laid_over, probes, read_space
from hatetinyllm.training.sections import sections
from hatetinyllm.types import Count, Seed

SWEEP, OVER = "sweep", "over"


@dataclass(frozen=True, kw_only=True)
class Search:
    """How values are chosen, and by which figure of the dev part they are held against each other: higher is better."""

    trials: Count = 20  # in all, however often the sweep is stopped and gone on with
    metric: Literal["macro_f1", "auroc", "auprc", "accuracy", "balanced_accuracy", "mcc", "weighted_f1"] = "macro_f1"  # of dev
    sampler: Literal["tpe", "random", "grid"] = "tpe"  # tpe learns from the trials before; grid tries every combination
    seed: Seed = 0  # of the values that are tried; not of training
    prune: bool = False  # end a trial whose dev score lags behind the median of the others


@dataclass(frozen=True, kw_only=True)
class SweepRecipe:
    """A checked recipe of a sweep."""

    stated: Mapping[str, Any]  # what it states for training, its preset laid out
    search: Search
    space: tuple[Axis, ...]
    over: Mapping[str, Any]  # the words the space was read from

    def of_trial(self, values: Values) -> dict[str, Any]:
        """The training recipe with these values."""
        return laid_over(self.stated, values, self.sections)

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """The sections of its training recipe."""
        return sections()

    @cached_property
    def grid(self) -> list[dict[str, Any]]:
        """Every combination of values, for the sampler of that name."""
        return grid(self.space, self.stated, self.sections)

    @property
    def trials(self) -> int:
        """How many trials there will be: a grid may have fewer than were asked for."""
        return min(self.search.trials, len(self.grid)) if self.search.sampler == "grid" else self.search.trials


def read_sweep(given: Mapping[str, Any]) -> SweepRecipe:
    """The recipe of a sweep from its TOML, its words checked; what is wrong with any of them is told at once."""
    own = given.get(SWEEP, {})
    if not isinstance(own, Mapping):
        raise RecipeError("the recipe cannot be swept", [f"[{SWEEP}] must be a section, got {own!r}"])
    stated, problems = without_preset({name: value for name, value in given.items() if name != SWEEP})
    over = own.get(OVER, {})
    search, space = Search(), tuple[Axis, ...]()
    try:
        asked = {key: value for key, value in own.items() if key != OVER}
        search = Search(**resolve({SWEEP: asked}, {SWEEP: f"{Search.__module__}:Search"})[SWEEP].options)
    except RecipeError as error:
        problems += error.problems
    try:
        if not isinstance(over, Mapping) or not over:
            raise RecipeError(
                "", [f"nothing is swept: --over train.learning_rate=1e-5..1e-3, or a [{SWEEP}.{OVER}] in the recipe"]
            )
        space = read_space(over, stated, sections())
    except RecipeError as error:
        problems += error.problems
    made = SweepRecipe(stated=stated, search=search, space=space, over=flat(over) if isinstance(over, Mapping) else {})
    if not problems and search.sampler == "grid":
        assert made.grid  # an endless one is an error
    if problems:
        raise RecipeError("the recipe cannot be swept", problems)
    return made


def require_followable(recipe: SweepRecipe, check: Callable[[Mapping[str, Any]], object]) -> None:
    """Check a training recipe with every part and both ends of every option; all that is wrong is told at once."""
    problems: dict[str, None] = {}
    for values in probes(recipe.space, recipe.stated, recipe.sections):
        try:
            check(recipe.of_trial(values))
        except HateTinyLLMError as error:
            problems |= dict.fromkeys(error.problems or [error.message])
    if problems:
        raise RecipeError("some of the values cannot be tried", list(problems))


def to_toml(recipe: SweepRecipe) -> str:
    """The recipe as TOML that reads back as the same sweep."""
    search = {key: getattr(recipe.search, key) for key in Search.__dataclass_fields__}
    tables = {**recipe.stated, SWEEP: search, f"{SWEEP}.{OVER}": recipe.over}
    return "\n".join(_lines(tables)).strip() + "\n"


def _lines(tables: Mapping[str, Any]) -> Iterator[str]:
    """What is no section stands first, as TOML has it."""
    for name, value in tables.items():
        if not isinstance(value, Mapping):
            yield f"{name} = {_toml(value)}"
    for name, value in tables.items():
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *(f"{key} = {_toml(one)}" for key, one in value.items()))


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON of such values is TOML, but for this sign
