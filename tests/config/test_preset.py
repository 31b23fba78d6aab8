"""Presets lie under a recipe, are all of them right, and leave no trace but their values."""

import json
import tomllib
from importlib.resources import files

import pytest

from hatetinyllm.config.preset import PRESETS, laid_under, preset_names, read_preset, without_preset
from hatetinyllm.config.recipe import resolve, schema, to_toml
from hatetinyllm.errors import RecipeError
from hatetinyllm.text.prompt import PROMPTS
from hatetinyllm.training.sections import sections

RECIPE = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "opt-1.3b"}}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_makes_a_recipe_whole_and_leaves_no_trace(name: str) -> None:
    recipe = resolve({**RECIPE, "preset": name}, sections())
    for section, values in read_preset(name).values.items():
        for key, value in values.items():
            found = recipe[section].name if key == "name" else recipe[section].options[key]
            assert found == (tuple(value) if isinstance(value, list) else value), (section, key)
    written = to_toml(recipe, sections())
    assert "preset" not in tomllib.loads(written)
    assert resolve(tomllib.loads(written), sections()) == recipe


@pytest.mark.parametrize("name", preset_names())
def test_every_value_of_a_preset_says_where_it_is_from(name: str) -> None:
    preset = read_preset(name)
    assert preset.about
    for section, values in preset.values.items():
        for key in values:
            assert preset.notes[section][key].startswith(("paper", "ours")), (section, key)


def test_the_papers_values_are_table_iv() -> None:
    recipe = resolve({**RECIPE, "preset": "paper-lora"}, sections())
    assert recipe["tuning"].name == "lora"
    assert recipe["tuning"].options == {"rank": 2, "alpha": 16, "dropout": 0.05, "layers": ("k_proj", "v_proj")}
    train = recipe["train"].options
    assert (train["batch_size"], train["weight_decay"], train["epochs"]) == (8, 0.001, 3)


def test_the_narrow_preset_differs_in_its_bottleneck_alone() -> None:
    wide, narrow = (read_preset(name).values for name in ("paper-houlsby", "paper-scale"))
    assert (wide["tuning"]["bottleneck"], narrow["tuning"]["bottleneck"]) == (64, 2)
    assert {**wide, "tuning": {**wide["tuning"], "bottleneck": 2}} == narrow


@pytest.mark.parametrize(("name", "prompt"), [("label-words", "plain"), ("label-words-definition", "definition")])
def test_the_words_are_those_of_the_prompt(name: str, prompt: str) -> None:
    values = read_preset(name).values
    assert values["text"]["prompt"] == PROMPTS[prompt].template
    assert values["readout"]["words"] == [PROMPTS[prompt].negative, PROMPTS[prompt].positive]


def test_the_recipes_own_keys_win() -> None:
    given = {**RECIPE, "preset": "paper-lora", "tuning": {"rank": 4}, "train": {"epochs": 1}}
    recipe = resolve(given, sections())
    assert (recipe["tuning"].options["rank"], recipe["tuning"].options["alpha"]) == (4, 16)
    assert (recipe["train"].options["epochs"], recipe["train"].options["learning_rate"]) == (1, 2e-4)


@pytest.mark.parametrize(("preset", "section", "name"), [("paper-lora", "tuning", "full"), ("label-words", "readout", "head")])
def test_a_recipe_that_names_another_part_contradicts_its_preset(preset: str, section: str, name: str) -> None:
    with pytest.raises(RecipeError) as caught:
        resolve({**RECIPE, "preset": preset, section: {"name": name}}, sections())
    (problem,) = caught.value.problems
    assert f"preset {preset!r} is for {section} " in problem
    assert f"{name!r} is named" in problem
    assert f"init --preset {preset}" in problem


def test_every_file_is_a_preset() -> None:
    folder = files("hatetinyllm.config").joinpath("presets")
    assert {file.name for file in folder.iterdir()} == {f"{name}.toml" for name in PRESETS}


def test_what_was_given_is_not_changed() -> None:
    given = {"preset": "paper-lora", "tuning": {"rank": 4}}
    before = json.dumps(given)
    without_preset(given)
    laid_under(given, read_preset("paper-lora").values)
    assert json.dumps(given) == before


@pytest.mark.parametrize(
    ("word", "hint"), [("paper-lore", "did you mean 'paper-lora'"), (3, "known: "), (["paper-lora"], "no preset [")]
)
def test_an_unknown_preset_is_told_with_all_else_that_is_wrong(word: object, hint: str) -> None:
    with pytest.raises(RecipeError) as caught:
        resolve({**RECIPE, "preset": word, "tuning": {"name": "full"}, "train": {"epochs": 0}}, sections())
    assert len(caught.value.problems) == 2
    assert hint in caught.value.problems[0]
    with pytest.raises(RecipeError, match="there is no preset"):
        read_preset("paper-lore")


def test_the_schema_knows_the_presets() -> None:
    assert schema(sections())["properties"]["preset"]["enum"] == preset_names()
