"""`pretrain` learns a language within a time, and tells what is wrong with what was typed."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from hatetinyllm.cli.pretrain import seconds_of
from hatetinyllm.errors import RecipeError

RECIPE = """
[corpus]
files = ["{texts}"]
held_out_share = 0.2

[vocabulary]
size = 300

[model]
name = "scratch"
layers = 1
width = 16
heads = 2
max_tokens = 32

[pretrain]
row_tokens = 16
batch_rows = 4
device = "cpu"
made = false
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    lines = [f"On day {day} the {one} was as calm as could be." for day in range(40) for one in ("sea", "wind", "road")]
    (tmp_path / "texts.txt").write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / "words.toml"
    path.write_text(RECIPE.format(texts=(tmp_path / "texts.txt").as_posix()), encoding="utf-8")
    return path


def test_a_language_is_learnt_in_the_time_that_was_given(call, recipe: Path, tmp_path: Path) -> None:
    answer = call("pretrain", recipe, "--out", tmp_path / "run", "--budget", "1s")
    assert answer.code == 0, answer.err
    for word in ("bits a byte", "tokens in", "model", 'name = "hub"'):
        assert word in answer.out, word
    for word in ("reading", "machine", "training", "saving"):
        assert word in answer.err, word
    assert "budget_s = 1" in (tmp_path / "run" / "recipe.toml").read_text(encoding="utf-8")
    assert call("pretrain", "--resume", tmp_path / "run", "--json").json["steps"] > 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--budget", "soon"], "is no time"),
        (["--set", "pretrain.steps=few"], "'steps' must be"),
        (["--set", "corpus.filez=3"], "filez"),
    ],
)
def test_what_was_mistyped_is_told(words: list[str], told: str, call, recipe: Path, tmp_path: Path) -> None:
    answer = call("pretrain", recipe, "--out", tmp_path / "run", *words)
    assert answer.code == 2
    assert told in answer.err


def test_another_kind_of_recipe_and_no_recipe_are_told(call, tmp_path: Path) -> None:
    call("init", tmp_path / "train.toml")
    answer = call("pretrain", tmp_path / "train.toml")
    assert answer.code == 2
    assert "hatetinyllm train" in answer.err
    assert call("pretrain").code == 2
    assert call("pretrain", "--resume", tmp_path).code == 2


def test_a_pretraining_recipe_is_no_recipe_for_train(call, recipe: Path) -> None:
    answer = call("train", recipe)
    assert answer.code == 2
    assert "hatetinyllm pretrain" in answer.err


@pytest.mark.parametrize(("said", "seconds"), [("90m", 5400), ("1h30m", 5400), ("45s", 45), ("1d", 86400)])
def test_times_are_read(said: str, seconds: int) -> None:
    assert seconds_of(said) == seconds


@pytest.mark.parametrize("said", ["", "90", "m", "-3m", "0s"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(RecipeError, match="is no time"):
        seconds_of(said)


def test_two_processes_end_where_one_does(recipe: Path, tmp_path: Path, two_processes, call) -> None:
    words = ["--set", "pretrain.steps=4", "--set", "pretrain.precision=fp32"]
    for process in two_processes("-m", "hatetinyllm", "pretrain", recipe, "--out", tmp_path / "two", *words):
        printed, _ = process.communicate(timeout=120)
        assert process.returncode == 0, printed
    assert call("pretrain", recipe, "--out", tmp_path / "one", *words).code == 0
    one, two = (load_file(tmp_path / run / "model" / "model.safetensors") for run in ("one", "two"))
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, atol=1e-4, rtol=1e-3, msg=name)
