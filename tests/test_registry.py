"""Names lead to places, wrong ones to the nearest right word, and a missing part to the extra that brings it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatetinyllm.errors import MissingExtra, RecipeError, UnknownName
from hatetinyllm.registry import EXTRAS, Table, find, home, load_plugins


@pytest.fixture
def table() -> Table:
    return Table("sweet", {"toffee": "json:dumps", "fudge": "json:loads"})


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose files can be imported for the length of a test."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_name_leads_to_its_function(table: Table) -> None:
    assert table.get("toffee")([1]) == "[1]"
    assert table.place("fudge") == "json:loads"
    assert list(table) == ["fudge", "toffee"]
    assert "toffee" in table
    assert table.places == {"toffee": "json:dumps", "fudge": "json:loads"}


def test_an_unknown_name_is_an_error_with_the_nearest_one(table: Table) -> None:
    with pytest.raises(UnknownName, match=r"there is no sweet 'tofee' \(did you mean 'toffee'"):
        table.get("tofee")


def test_a_name_can_be_added_and_stays_with_its_owner(table: Table) -> None:
    table.add("nougat", "json:dump")
    table.add("nougat", "json:dump")
    with pytest.raises(UnknownName, match="is taken by json:dump"):
        table.add("nougat", "json:load")
    with pytest.raises(UnknownName, match=r"package\.module:function"):
        table.add("brittle", "json.load")


def test_changing_the_places_that_were_given_changes_no_table(table: Table) -> None:
    dict(table.places).clear()
    assert "toffee" in table


def test_a_module_without_the_function_is_an_error() -> None:
    with pytest.raises(UnknownName, match="the module json has no function 'bake'"):
        find("json:bake")


def test_the_home_of_a_place_is_its_module() -> None:
    assert home("json:dumps") is sys.modules["json"]


@pytest.mark.parametrize("part", sorted(EXTRAS))
def test_a_part_that_is_not_installed_is_named_with_its_extra(part: str, modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (modules / "needs_a_part.py").write_text(f"import {part}.made_up\n", encoding="utf-8")
    for name in [name for name in sys.modules if name.partition(".")[0] == part]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Absent(part), *sys.meta_path])
    with pytest.raises(MissingExtra, match=f"needs_a_part needs {part}, which is not installed") as caught:
        find("needs_a_part:load")
    extra = {"bitsandbytes": "gpu", "optuna": "sweep"}.get(part, "train")
    assert caught.value.problems == (f'pip install "hatetinyllm[{extra}]"',)
    with pytest.raises(MissingExtra):
        load_plugins(["needs_a_part"])


class Absent:
    """Finds one package missing, as where it was not installed."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == self.package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_a_module_that_no_extra_brings_stays_a_plain_error(modules: Path) -> None:
    (modules / "needs_the_unknown.py").write_text("import surely_not_installed\n", encoding="utf-8")
    with pytest.raises(ModuleNotFoundError, match="surely_not_installed"):
        find("needs_the_unknown:load")


def test_a_plugin_is_imported_and_one_that_is_missing_is_named(modules: Path) -> None:
    (modules / "my_plugin.py").write_text("from hatetinyllm.data import DATASETS\n", encoding="utf-8")
    load_plugins(["my_plugin"])
    assert "my_plugin" in sys.modules
    with pytest.raises(UnknownName, match="plugin 'mine_too' cannot be imported"):
        load_plugins(["mine_too"])


def test_a_plugin_that_misses_something_of_its_own_shows_where(modules: Path) -> None:
    (modules / "my_broken_plugin.py").write_text("import surely_not_installed\n", encoding="utf-8")
    with pytest.raises(ModuleNotFoundError, match="surely_not_installed"):
        load_plugins(["my_broken_plugin"])


@pytest.mark.parametrize("wrong", ["mine", [3], {"mine": 1}])
def test_plugins_that_are_no_list_of_names_are_told(wrong: object) -> None:
    with pytest.raises(RecipeError, match="cannot be followed") as told:
        load_plugins(wrong)
    assert "must be a list of module names" in told.value.problems[0]
