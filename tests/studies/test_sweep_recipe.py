"""The recipe of a sweep: a recipe for `train` with a [sweep], checked whole."""

import re
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.config.recipe import read_toml, resolve
from hatetinyllm.errors import RecipeError
from hatetinyllm.studies.sweep_recipe import Search, read_sweep, require_followable, to_toml

TEXT = """
preset = "paper-lora"
data.name = "demo"
split.name = "official"
model = { name = "scratch", layers = 1 }

[sweep]
trials = 12
sampler = "random"

[sweep.over]
train.learning_rate = "1e-5..1e-3"
tuning.rank = [2, 4, 8]
"""


def given(text: str = TEXT) -> dict[str, Any]:
    return read_toml(text, where="a test")


def test_a_recipe_says_how_to_search_and_what_is_tried() -> None:
    recipe = read_sweep(given())
    assert recipe.search == Search(trials=12, sampler="random")
    assert [axis.place for axis in recipe.space] == ["train.learning_rate", "tuning.rank"]
    assert recipe.stated["tuning"]["name"] == "lora"
    assert recipe.of_trial({"tuning.rank": 4})["tuning"]["rank"] == 4
    assert "sweep" not in recipe.stated


def test_it_reads_back_as_the_same_sweep() -> None:
    recipe = read_sweep(given())
    assert read_sweep(given(to_toml(recipe))) == recipe


def test_three_mistakes_are_three_messages() -> None:
    text = TEXT.replace("trials", "trails").replace("tuning.rank", "tuning.rnk").replace('"random"', '"rando"')
    with pytest.raises(RecipeError) as told:
        read_sweep(given(text))
    assert ["did you mean" in problem for problem in told.value.problems] == [True, True, True]


@pytest.mark.parametrize("over", ["", "over = 3", "over = {}"])
def test_a_sweep_over_nothing_says_how_to_name_something(over: str) -> None:
    with pytest.raises(RecipeError) as told:
        read_sweep(given("data.name = 'demo'\n[sweep]\n" + over))
    assert "--over" in told.value.problems[0]


def test_every_part_and_both_ends_are_followed_before_anything_runs() -> None:
    recipe = read_sweep(given(TEXT.replace("1e-5..1e-3", "-1..1 linear")))
    with pytest.raises(RecipeError) as told:
        require_followable(recipe, lambda trial: resolve(trial, recipe.sections))
    assert told.value.problems == ("[train] 'learning_rate' must be a number above 0, got -1.0",)
    good = read_sweep(given())
    require_followable(good, lambda trial: resolve(trial, good.sections))


def test_a_grid_has_no_more_trials_than_combinations() -> None:
    text = TEXT.replace('"random"', '"grid"').replace('"1e-5..1e-3"', "[1e-4, 1e-3]")
    assert read_sweep(given(text)).trials == 6
    with pytest.raises(RecipeError, match="no end"):
        read_sweep(given(TEXT.replace('"random"', '"grid"')))


ROOT = Path(__file__).parents[2]


def printed() -> list[str]:
    page = (ROOT / "docs" / "sweeping.md").read_text(encoding="utf-8")
    examples = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "recipes" / "sweeps").glob("*.toml"))]
    return [*examples, *re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)]


@pytest.mark.parametrize("text", printed())
def test_a_printed_sweep_can_be_followed(text: str) -> None:
    own = read_toml(text, where="an example")
    base = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "scratch"}, "tuning": {"name": "lora"}}
    recipe = read_sweep({**base, **own})
    require_followable(recipe, lambda trial: resolve(trial, recipe.sections))
