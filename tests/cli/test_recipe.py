"""What is wrong with a recipe is told before anything heavy is imported, and by the command that is asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from hatetinyllm.cli.recipe import check_early, refuse_other_kind
from hatetinyllm.errors import LicenceError, RecipeError
from hatetinyllm.training.sections import sections

HEAVY = {"torch", "transformers", "peft", "accelerate", "sklearn", "numpy"}
RECIPE = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "scratch"}, "tuning": {"name": "lora"}}
RUN = """
import sys
from hatetinyllm.cli.main import start
code = start(sys.argv[1:])
print(code, *sorted(name for name in sys.modules if "." not in name))
"""


def test_a_recipe_of_the_other_kind_is_named_as_such() -> None:
    with pytest.raises(RecipeError) as caught:
        refuse_other_kind({"zero_shot": {}, "data": {}}, command="train", typed="a.toml")
    assert caught.value.problems == ("it is followed by: hatetinyllm zero-shot a.toml",)
    for section in ("train", "tuning"):
        with pytest.raises(RecipeError) as caught:
            refuse_other_kind({section: {}}, command="zero-shot", typed="--resume runs/a")
        assert caught.value.problems == ("it is followed by: hatetinyllm train --resume runs/a",)


def test_a_sweep_takes_the_recipes_of_train_and_no_other_command_takes_one_of_a_sweep() -> None:
    refuse_other_kind(RECIPE, command="sweep", typed="a.toml")
    for command in ("train", "zero-shot"):
        with pytest.raises(RecipeError) as caught:
            refuse_other_kind({**RECIPE, "sweep": {}}, command=command, typed="a.toml")
        assert caught.value.problems == ("it is followed by: hatetinyllm sweep a.toml",)
    with pytest.raises(RecipeError, match="no recipe for `sweep`"):
        refuse_other_kind({"zero_shot": {}}, command="sweep", typed="a.toml")


@pytest.mark.parametrize("given", [RECIPE, {}, {"data": {}}])
def test_a_recipe_of_this_kind_or_of_none_passes(given: dict[str, object]) -> None:
    refuse_other_kind(given, command="train", typed="a.toml")


def test_names_options_and_licences_are_checked() -> None:
    check_early(RECIPE, sections())
    with pytest.raises(RecipeError, match="cannot be followed"):
        check_early({**RECIPE, "tuning": {"name": "loar"}}, sections())
    hateval = {**RECIPE, "data": {"name": "hateval"}}
    check_early(hateval, sections(), to_read=False)
    with pytest.raises(LicenceError):
        check_early(hateval, sections())


def test_a_recipe_with_plugins_waits_for_them() -> None:
    check_early({**RECIPE, "plugins": ["mine"], "tuning": {"name": "of-mine"}}, sections())


def test_both_commands_ask_for_their_own(call, tmp_path: Path) -> None:
    files = {"zero-shot": tmp_path / "asked.toml", "train": tmp_path / "trained.toml"}
    files["zero-shot"].write_text("[zero_shot]\n", encoding="utf-8")
    files["train"].write_text("[train]\n", encoding="utf-8")
    for command, own in (("train", "zero-shot"), ("zero-shot", "train")):
        answer = call(command, files[own])
        assert answer.code == 2
        assert f"hatetinyllm {own} {files[own]}" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["train", "nowhere.toml"],
        ["train", "mine.toml"],
        ["train", "--preset", "nope"],
        ["sweep", "mine.toml", "--over", "train.epohcs=1..2"],
        ["zero-shot"],
        ["zero-shot", "--model", "nope", "--data", "demo"],
        ["adopt", "nowhere", "--out", "bundle"],
        ["init", "--preset", "nope"],
    ],
)
def test_a_wrong_word_is_told_before_anything_heavy_is_imported(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "mine.toml").write_text('[tuning]\nname = "loar"\n', encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
    code, *modules = done.stdout.split()
    assert code == "2", done.stderr
    assert not HEAVY & set(modules)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]
