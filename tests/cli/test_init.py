"""`init` writes a recipe that can be followed as it is."""

import tomllib
from pathlib import Path

import pytest

from hatetinyllm.config.preset import PRESETS
from hatetinyllm.config.recipe import resolve
from hatetinyllm.data import DATASETS, SPLITS
from hatetinyllm.pretraining.sections import sections as pretraining_sections
from hatetinyllm.training.follow import check
from hatetinyllm.training.sections import sections
from hatetinyllm.tuning import TUNINGS


@pytest.mark.parametrize("data", sorted(DATASETS))
def test_every_dataset_has_a_recipe(call, tmp_path: Path, data: str) -> None:
    path = tmp_path / "recipe.toml"
    assert call("init", path, "--data", data).code == 0
    text = path.read_text(encoding="utf-8")
    assert resolve(tomllib.loads(text), sections())["data"].name == data
    assert all("  # " in line for line in text.splitlines() if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize(("option", "names"), [("--split", SPLITS), ("--tuning", TUNINGS)])
def test_every_part_can_be_chosen(call, tmp_path: Path, option: str, names) -> None:
    for name in names:
        path = tmp_path / f"{name}.toml"
        assert call("init", path, option, name).code == 0
        assert resolve(tomllib.loads(path.read_text(encoding="utf-8")), sections())[option.removeprefix("--")].name == name


def test_a_file_is_not_replaced_unasked(call, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("mine", encoding="utf-8")
    answer = call("init", path)
    assert (answer.code, path.read_text(encoding="utf-8")) == (2, "mine")
    assert "--overwrite" in answer.err
    assert call("init", path, "--overwrite", "--json").json == {"recipe": str(path)}


def test_an_unknown_part_is_told(call, tmp_path: Path) -> None:
    answer = call("init", tmp_path / "recipe.toml", "--tuning", "loar")
    assert answer.code == 2
    assert "did you mean 'lora'" in answer.err
    assert not (tmp_path / "recipe.toml").exists()


def test_a_model_that_answers_gets_a_prompt_and_its_words(call, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    assert call("init", path, "--readout", "label-words", "--model", "smollm2-135m").code == 0
    recipe = check(tomllib.loads(path.read_text(encoding="utf-8")))
    assert recipe["text"].options["prompt"].count("{text}") == 1
    assert recipe["readout"].options == {"words": (" No", " Yes"), "learns": False}
    answer = call("init", tmp_path / "other.toml", "--readout", "label-words")
    assert answer.code == 2
    assert "random weights have no words" in answer.err
    assert "did you mean 'label-words'" in call("init", path, "--readout", "label-word", "--overwrite").err


def test_a_preset_is_written_out_with_what_it_says_of_each_value(call, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    assert call("init", path, "--preset", "paper-lora", "--model", "opt-1.3b", "--data", "dynahate").code == 0
    text = path.read_text(encoding="utf-8")
    recipe = resolve(tomllib.loads(text), sections())
    assert (recipe["model"].name, recipe["data"].name, recipe["tuning"].options["rank"]) == ("opt-1.3b", "dynahate", 2)
    (rate,) = [line for line in text.splitlines() if line.startswith("learning_rate")]
    assert rate.endswith("(ours: the paper gives none)")
    assert "# preset paper-lora: " in text
    assert "preset" not in tomllib.loads(text)


def test_what_contradicts_a_preset_is_refused(call, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    answer = call("init", path, "--preset", "paper-lora", "--tuning", "houlsby")
    assert (answer.code, path.exists()) == (2, False)
    assert "preset 'paper-lora' is for tuning 'lora', and 'houlsby' is named" in answer.err
    assert call("init", path, "--preset", "paper-houlsby", "--tuning", "houlsby").code == 0
    answer = call("init", tmp_path / "other.toml", "--preset", "paper-lore")
    assert (answer.code, "did you mean 'paper-lora'" in answer.err) == (2, True)


def test_the_presets_stand_in_the_help(call) -> None:
    for command in ("init", "train"):
        said = "".join(call(command, "--help").out.split())  # a narrow column breaks names at their hyphens
        assert all(preset in said for preset in PRESETS), command


@pytest.mark.parametrize("model", ["scratch", "opt-125m"])
def test_a_corpus_makes_a_recipe_for_pretraining(call, tmp_path: Path, model: str) -> None:
    (tmp_path / "posts.txt").write_text("a day\n", encoding="utf-8")
    path = tmp_path / "words.toml"
    assert "hatetinyllm pretrain" in call("init", path, "--corpus", tmp_path / "posts.txt", "--model", model).out
    recipe = resolve(tomllib.loads(path.read_text(encoding="utf-8")), pretraining_sections())
    assert recipe["corpus"].options["files"] == (str(tmp_path / "posts.txt"),)
    assert (recipe["vocabulary"].options["size"] == 0) == (model != "scratch")
    assert call("init", path, "--corpus", "x").code == 2
    assert call("init", path, "--corpus", "x", "--overwrite", "--json").json == {"recipe": str(path)}
