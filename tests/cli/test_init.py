"""`init` writes a recipe that can be followed as it is."""

import tomllib
from pathlib import Path

import pytest

from hatetinyllm.config.recipe import resolve
from hatetinyllm.data import DATASETS, SPLITS
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
