"""Every section of a recipe leads to a signature that can be read."""

from hatetinyllm.config.recipe import resolve, schema, to_toml
from hatetinyllm.config.signature import read_options
from hatetinyllm.training.sections import sections


def test_every_place_has_a_signature() -> None:
    places = [place for section in sections().values() for place in ([section] if isinstance(section, str) else section.values())]
    options = {place: read_options(place) for place in places}
    assert all(option.help for place in ("hatetinyllm.training.loop:learn",) for option in options[place])
    assert len(places) == len(options)


def test_the_schema_knows_every_section() -> None:
    assert set(schema(sections())["properties"]) == {*sections(), "plugins", "preset"}


def test_a_recipe_without_a_readout_gets_the_classification_head() -> None:
    given = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "scratch"}, "tuning": {"name": "lora"}}
    recipe = resolve(given, sections())
    assert recipe["readout"].name == "head"
    assert '\n[readout]\nname = "head"\n' in to_toml(recipe, sections())
    assert '\nprompt = ""\n' in to_toml(recipe, sections())
