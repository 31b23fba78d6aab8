"""Every option of a zero-shot recipe can be written, and has a default where a recipe may leave it out."""

from hatetinyllm.config.recipe import resolve, to_toml
from hatetinyllm.config.signature import read_options
from hatetinyllm.studies.sections import zero_shot_sections
from hatetinyllm.training.sections import sections


def test_the_options_have_help_and_defaults() -> None:
    known = zero_shot_sections()
    given = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "scratch"}}
    recipe = resolve(given, known)
    assert recipe["zero_shot"].options["prompts"][0] == "plain"
    assert recipe["zero_shot"].options["generate"] is False
    assert all(option.help for section in ("text", "zero_shot") for option in read_options(str(known[section])))
    assert 'prompts = ["plain"' in to_toml(recipe, known)


def test_what_both_kinds_of_recipe_have_means_the_same() -> None:
    for name in ("data", "sample", "split", "model"):
        assert zero_shot_sections()[name] == sections()[name]
