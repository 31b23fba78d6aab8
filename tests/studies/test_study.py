"""A study's folder: nothing foreign is mixed with it, and nobody else writes it meanwhile."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.errors import RunLocked, TrainingError
from hatetinyllm.studies.cells import CELLS
from hatetinyllm.studies.study import Task, folder_of, open_study, require_study

REAL = {"nets": "real", "rows": {"hateval": "its own"}}


def test_a_study_says_what_it_is_and_is_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        with open_study(tmp_path / "out", identity=REAL):
            assert json.loads((tmp_path / "out" / "study.json").read_text()) == {"format": 1, **REAL}


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    with open_study(tmp_path, identity=REAL), pytest.raises(RunLocked), open_study(tmp_path, identity=REAL):
        pass


def test_a_folder_of_somebody_elses_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(TrainingError) as told, open_study(tmp_path, identity=REAL):
        pass
    assert told.value.problems[0] == "thesis.txt"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(TrainingError, match="is a file"), open_study(tmp_path / "out", identity=REAL):
        pass


def test_tiny_nets_are_never_mixed_with_real_ones(tmp_path: Path) -> None:
    with open_study(tmp_path, identity=REAL):
        pass
    with pytest.raises(TrainingError) as told, open_study(tmp_path, identity={"nets": "tiny", "rows": {"hateval": "made up"}}):
        pass
    assert told.value.problems[:2] == (
        "nets was 'real', is now 'tiny'",
        "rows.hateval was 'its own', is now 'made up'",
    )


def test_a_study_grows_by_datasets_and_refuses_only_one_whose_rows_changed(tmp_path: Path) -> None:
    for rows in ({"hateval": "made up"}, {"dynahate": "its own"}, {"hateval": "made up", "hateval-es": "made up"}):
        with open_study(tmp_path, identity={"nets": "tiny", "rows": rows}):
            pass
    held = json.loads((tmp_path / "study.json").read_text())
    assert held["rows"] == {"hateval": "made up", "dynahate": "its own", "hateval-es": "made up"}
    with pytest.raises(TrainingError) as told:
        require_study(tmp_path, identity={"nets": "tiny", "rows": {"hateval": "made up", "dynahate": "made up"}})
    assert told.value.problems[0] == "rows.dynahate was 'its own', is now 'made up'"
    assert len(told.value.problems) == 2
    assert json.loads((tmp_path / "study.json").read_text()) == held


def test_a_study_of_an_older_form_is_told_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text('{"format": 1, "nets": "real", "stand_ins": []}')
    with pytest.raises(TrainingError, match="another study") as told:
        require_study(tmp_path, identity=REAL)
    assert "stand_ins was [], is now nothing" in told.value.problems


@pytest.mark.parametrize("left", [".lock", ".study.json.0a1b.writing", ".DS_Store"])
def test_one_killed_between_its_lock_and_its_note_is_begun_again(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_text("")
    with open_study(tmp_path, identity=REAL):
        assert (tmp_path / "study.json").is_file()


def test_what_would_be_refused_is_refused_beforehand_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TrainingError, match="is a file"):
        require_study(tmp_path / "file", identity=REAL)
    with pytest.raises(TrainingError, match="no study's"):
        require_study(tmp_path, identity=REAL)
    require_study(tmp_path / "new", identity=REAL)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_broken_note_of_a_study_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "study.json").write_text(content)
    with pytest.raises(TrainingError, match=r"study\.json"), open_study(tmp_path, identity=REAL):
        pass


def test_a_task_knows_its_places(tmp_path: Path) -> None:
    cell = CELLS["opt-1.3b-lora-dynahate"]
    task = Task(cell=cell, split="leakfree", seed=43, recipe="", folder=folder_of(tmp_path, cell, "leakfree", 43))
    assert task.results == tmp_path / "cells" / "opt-1.3b-lora-dynahate" / "leakfree" / "seed-43" / "run" / "results.json"
    assert task.said == "opt-1.3b-lora-dynahate, leak-free, seed 43"
    assert replace(task, split="paper").said == "opt-1.3b-lora-dynahate, random 80/20, seed 43", "the paper names no split"
