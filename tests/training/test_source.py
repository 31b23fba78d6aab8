"""Where rows come from: no plugin of a stranger's, no file but those whose digests are stated, and what moved."""

import sys
from pathlib import Path

import pytest

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError
from hatetinyllm.folder import digest_of
from hatetinyllm.training.source import CARVE_NOTHING, as_part, moved, of_source, read_source, refuse_other_files

DEMO = {"data": {"name": "demo"}, "split": CARVE_NOTHING}


def test_rows_are_read_without_the_rest_of_a_recipe() -> None:
    found = read_source({**DEMO, "model": {"name": "no such model"}, "train": {"epochs": "many"}})
    assert found.test == load_dataset("demo").test


def test_no_plugin_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_plugin_of_a_source.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert read_source({**DEMO, "plugins": ["made_up_plugin_of_a_source"]}).test
    assert "made_up_plugin_of_a_source" not in sys.modules
    assert "plugins" not in of_source({**DEMO, "plugins": ["made_up_plugin_of_a_source"]})


@pytest.mark.parametrize("section", ["data", "split"])
def test_only_files_of_a_stated_digest_are_opened(section: str, tmp_path: Path) -> None:
    path = tmp_path / "diary.csv"
    path.write_text("text,label\nmine,1\n", encoding="utf-8")
    named = {"data": {"name": "table", "path": str(path)}, "split": {"name": "from-file", "path": str(path)}}
    given = {**DEMO, section: named[section]}
    with pytest.raises(DataError, match="no longer the file that was judged"):
        refuse_other_files(given, {}, whose="that was judged")
    refuse_other_files(given, {"anywhere": digest_of(path)}, whose="that was judged")


@pytest.mark.parametrize("path", ["nowhere.csv", "~/diary.csv", "//host/diary.csv", "\\\\host\\diary.csv"])
def test_a_file_elsewhere_is_never_looked_for(path: str) -> None:
    with pytest.raises(DataError, match="is not here"):
        refuse_other_files({"data": {"name": "table", "path": path}}, {}, whose="that was judged")


def test_an_option_of_a_dataset_is_no_file() -> None:
    refuse_other_files({"data": {"name": "hateval", "test": "relabelled"}}, {}, whose="that was judged")


def test_settings_that_move_a_file_are_told_from_others() -> None:
    table = {"data": {"name": "table"}, "split": {"name": "from-file"}}
    settings = ["data.path=a.csv", "data.text=words", "split.path=b.csv", "split.seed=1"]
    assert moved(table, settings) == ["data.path=a.csv", "split.path=b.csv"]
    assert moved(DEMO, settings) == []


def test_a_table_of_one_path_is_the_part_that_is_asked_for() -> None:
    asked = {"data": {"name": "table", "path": "a.csv", "text": "words"}, "split": CARVE_NOTHING}
    assert as_part(asked, "test")["data"] == {"name": "table", "text": "words", "test": "a.csv"}
    assert as_part(DEMO, "test") == DEMO
