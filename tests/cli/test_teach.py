"""`teach`: a file for programs to train by, and the section of the recipe that names it."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RECIPE = """
[data]
name = "demo"
[split]
name = "official"
[sample]
rows = 400
[model]
name = "scratch"
layers = 1
width = 16
heads = 2
[tuning]
name = "full"
[train]
epochs = 1
device = "cpu"
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_what_it_prints_is_the_section_that_a_recipe_trains_by(call: Callable[..., Any], recipe: Path, tmp_path: Path) -> None:
    answer = call("teach", recipe, "--out", tmp_path / "teacher.jsonl", "--folds", "2")
    assert answer.code == 0, answer.err
    assert "train rows of demo are scored for hate" in answer.out
    assert "TF-IDF in 2 folds" in answer.out
    section = answer.out[answer.out.index("[teacher]") :]
    assert tomllib.loads(section)["teacher"]["file"] == str(tmp_path / "teacher.jsonl")
    recipe.write_text(RECIPE + section, encoding="utf-8")
    trained = call("train", recipe, "--out", tmp_path / "run")
    assert trained.code == 0, trained.err
    assert "teacher teacher.jsonl: " in trained.err


def test_programs_get_json_and_settings_are_laid_over(call: Callable[..., Any], recipe: Path, tmp_path: Path) -> None:
    answer = call("teach", recipe, "--out", tmp_path / "t.parquet", "--folds", "2", "--set", "sample.rows=300", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["rows"] < 300
    assert answer.json["results"][0]["name"] == "TF-IDF"
    assert len(answer.json["digest"]) == 64
    assert answer.err == ""


def test_mistakes_are_told_in_words(call: Callable[..., Any], recipe: Path, tmp_path: Path) -> None:
    few = call("teach", recipe, "--out", tmp_path / "t.jsonl", "--folds", "9999", "--json")
    assert few.code == 2
    assert "groups of kin" in few.error["problems"][0]
    assert call("teach", recipe, "--out", tmp_path / "t.csv").code == 2
    assert call("teach", tmp_path / "none.toml", "--out", tmp_path / "t.jsonl").code == 2
    recipe.write_text("[corpus]\n[pretrain]\n", encoding="utf-8")
    other = call("teach", recipe, "--out", tmp_path / "t.jsonl", "--json")
    assert "pretrain" in json.dumps(other.error)
