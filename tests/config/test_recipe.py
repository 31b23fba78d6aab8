"""Recipes: all problems at once, near words, settings, and a resolved recipe that reads back the same."""

import tomllib
from pathlib import Path

import pytest

from hatetinyllm.config.recipe import Assumed, differences, read_recipe, resolve, schema, to_toml, with_settings, write_template
from hatetinyllm.errors import RecipeError

SOURCE = """
def wide(*, rank: Count = 8,  # how wide
         ends: tuple[str, ...] = (), rate: Positive = 2e-5, kind: Literal["a", "b"] = "a", at: int | None = None): ...
def tall(*, height: Count): ...
def train(*, epochs: Count = 3, share: Share = 0.1, loud: bool = False): ...
"""


@pytest.fixture
def sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    (tmp_path / "made_up_sections.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    parts = {"wide": "made_up_sections:wide", "tall": "made_up_sections:tall"}
    return {"tuning": parts, "train": "made_up_sections:train"}


def test_defaults_are_filled_in(sections) -> None:
    recipe = resolve({"tuning": {"name": "wide", "rank": 4}}, sections)
    assert recipe["tuning"].name == "wide"
    assert recipe["tuning"].options == {"rank": 4, "ends": (), "rate": 2e-5, "kind": "a", "at": None}
    assert recipe["train"].options == {"epochs": 3, "share": 0.1, "loud": False}


def test_every_mistake_is_told_at_once_with_the_nearest_right_word(sections) -> None:
    given = {
        "tunning": {},
        "tuning": {"name": "wide", "rnk": 4, "rate": "fast", "kind": "c"},
        "train": {"epochs": 0, "share": 2.0},
    }
    with pytest.raises(RecipeError) as caught:
        resolve(given, sections)
    said = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 6
    assert "unknown section [tunning] (did you mean 'tuning'?)" in said
    assert "[tuning] unknown key 'rnk' (did you mean 'rank'?)" in said
    assert "[tuning] 'rate' must be a number above 0, got 'fast'" in said
    assert "[tuning] 'kind' must be one of 'a', 'b', got 'c'" in said
    assert "[train] 'epochs' must be a whole number 1 or more, got 0" in said
    assert "[train] 'share' must be a number from 0 to 1, got 2.0" in said


def test_an_unknown_name_and_a_missing_one_are_told(sections) -> None:
    with pytest.raises(RecipeError, match=r"there is no tuning 'wid' \(did you mean 'wide'\?\)"):
        resolve({"tuning": {"name": "wid"}}, sections)
    with pytest.raises(RecipeError, match="'name' is missing"):
        resolve({}, sections)
    with pytest.raises(RecipeError, match="'height' is missing"):
        resolve({"tuning": {"name": "tall"}}, sections)


@pytest.mark.parametrize("value", [True, 1.5, "4", [4]])
def test_nothing_is_silently_turned_into_another_type(sections, value: object) -> None:
    with pytest.raises(RecipeError, match="'rank' must be a whole number"):
        resolve({"tuning": {"name": "wide", "rank": value}}, sections)


def test_a_whole_number_will_do_for_a_number(sections) -> None:
    assert resolve({"tuning": {"name": "wide", "rate": 1}}, sections)["tuning"].options["rate"] == 1.0


def test_a_resolved_recipe_reads_back_as_itself(sections) -> None:
    given = {"tuning": {"name": "wide", "ends": ["k_proj", 'a"b\\c'], "rate": 1e-5}, "plugins": ["mine"]}
    recipe = resolve(given, sections)
    again = resolve(tomllib.loads(to_toml(recipe, sections)), sections)
    assert again == recipe
    assert to_toml(again, sections) == to_toml(recipe, sections)


def test_settings_lie_over_the_recipe_and_are_read_as_toml(sections) -> None:
    settings = ["tuning.rank=16", "tuning.kind=b", 'tuning.ends=["q"]', "train.loud=true", "tuning.rate=1e-3"]
    recipe = resolve(with_settings({"tuning": {"name": "wide", "rank": 2}}, settings), sections)
    assert recipe["tuning"].options == {"rank": 16, "ends": ("q",), "rate": 1e-3, "kind": "b", "at": None}
    assert recipe["train"].options["loud"] is True


def test_a_part_that_takes_the_place_of_another_leaves_its_options_behind(sections) -> None:
    stated = {"tuning": {"name": "wide", "rank": 2, "rate": 1e-3}}
    changed = with_settings(stated, ["tuning.height=3", "tuning.name=tall"], sections)
    assert changed == {"tuning": {"name": "tall", "height": 3}}
    assert with_settings(stated, ["tuning.name=wide"], sections) == stated
    assert with_settings(stated, ["tuning.name=wid"], sections)["tuning"]["rank"] == 2  # refused later, with the nearest name


def test_what_differs_between_two_recipes_is_told_option_by_option() -> None:
    before = 'plugins = ["a"]\n[tuning]\nname = "wide"\nrank = 2\n[train]\nseed = 1\n'
    after = 'plugins = ["a"]\n[tuning]\nname = "tall"\nheight = 2\n[train]\nseed = 1\n'
    assert differences(before, before) == []
    assert differences(before, after) == [
        'tuning.name was "wide", is "tall"',
        "tuning.rank was 2, is not stated",
        "tuning.height was not stated, is 2",
    ]


def test_an_option_of_another_part_is_told_as_one(sections) -> None:
    with pytest.raises(RecipeError, match=r"unknown key 'rank' \(it is one of wide: delete it\)"):
        resolve({"tuning": {"name": "tall", "height": 1, "rank": 2}}, sections)


def test_settings_that_cannot_be_read_are_all_told(sections) -> None:
    with pytest.raises(RecipeError) as caught:
        with_settings({"plugins": ["a"]}, ["rank=3", "tuning.rank", "plugins.x=1"])
    assert len(caught.value.problems) == 3


def test_a_template_is_a_recipe_with_a_comment_for_each_option(sections) -> None:
    text = write_template({"tuning": "wide"}, sections)
    assert "# how wide" in text
    assert "# one of tall, wide" in text
    assert resolve(tomllib.loads(text), sections) == resolve({"tuning": {"name": "wide"}}, sections)


def test_the_schema_lists_every_part_and_forbids_unknown_keys(sections) -> None:
    made = schema(sections)
    named = {part["properties"]["name"]["const"]: part for part in made["properties"]["tuning"]["oneOf"]}
    assert set(named) == {"wide", "tall"}
    assert named["wide"]["properties"]["rank"]["description"] == "how wide"
    assert named["tall"]["required"] == ["name", "height"]
    assert named["wide"]["additionalProperties"] is False


def test_files_that_are_no_recipe_are_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "first.toml").write_text("[data\n", encoding="utf-8")
    (tmp_path / "latin.toml").write_bytes(b'[data]\nname = "caf\xe9"\n')
    with pytest.raises(RecipeError, match="no TOML"):
        read_recipe(tmp_path / "first.toml")
    with pytest.raises(RecipeError, match="cannot be read"):
        read_recipe(tmp_path / "latin.toml")
    with pytest.raises(RecipeError, match=r"did you mean 'first.toml'"):
        read_recipe(tmp_path / "frist.toml")


def test_a_section_that_may_be_left_out_is_written_out_when_it_is(sections) -> None:
    own = {**sections, "tuning": Assumed(sections["tuning"], "wide")}
    recipe = resolve({}, own)
    assert recipe["tuning"].name == "wide"
    assert resolve(tomllib.loads(to_toml(recipe, own)), own) == recipe
    assert 'name = "wide"' in write_template({}, own)
    assert 'name = "tall"' in write_template({"tuning": "tall"}, own)
    with pytest.raises(RecipeError, match="'name' is missing"):
        resolve({"tuning": {"rank": 2}}, own)


@pytest.mark.parametrize("text", ['a\n"b"\t{text}\\n\r\nc: ', "ends in a space ", "'" * 3, "é \u2028 \x7f \x01"])
def test_a_text_of_many_lines_comes_back_letter_by_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "made_up_text.py").write_text('def read(*, prompt: str = ""): ...\n', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    own = {"text": "made_up_text:read"}
    recipe = resolve({"text": {"prompt": text}}, own)
    (tmp_path / "recipe.toml").write_text(to_toml(recipe, own), encoding="utf-8", newline="\n")
    assert resolve(read_recipe(tmp_path / "recipe.toml"), own) == recipe
    assert resolve(tomllib.loads(write_template({}, own, {"text": {"prompt": text}})), own) == recipe
