"""What a run left becomes the cell's result: figures, recipe, weights that learn, time and notes."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.bundle import read_bundle
from hatetinyllm.errors import DataError
from hatetinyllm.studies.cell import to_text
from hatetinyllm.studies.cells import CELLS, given_of
from hatetinyllm.studies.children import State
from hatetinyllm.studies.gather import count_weights, gather, read_cells
from hatetinyllm.studies.study import Task


def test_a_trained_cell_keeps_what_its_tables_need(finished) -> None:
    cell = finished.cells[0]
    assert (cell.model, cell.method, cell.dataset, cell.split, cell.seed) == ("tinyllama", "lora", "dynahate", "paper", 42)
    assert [result.name for result in cell.results] == ["test", "test, TF-IDF baseline"]
    assert (cell.recipe["tuning"]["rank"], cell.recipe["train"]["epochs"]) == (2, 1)
    assert (cell.seconds, cell.tiny) == (1.5, True)
    assert cell.notes[0] == "made-up rows of the demo stand in for dynahate"
    assert "changed by --set: train.batch_size = 32" in cell.notes
    assert any(note.startswith("a sample of") for note in cell.notes)


def test_versions_are_those_the_run_kept_or_it_is_said_whose_they_are(finished, tmp_path: Path) -> None:
    learnt, _, asked = finished.cells
    assert learnt.made_with == read_bundle(finished.tasks[0].run / "bundle").manifest.made_with
    assert not [note for note in learnt.notes if "versions" in note]
    about = json.loads((finished.tasks[2].run / "about.json").read_text())
    assert any("kept no versions" in note for note in asked.notes) == ("made_with" not in about)
    task = replace(finished.tasks[2], folder=tmp_path)
    shutil.copytree(finished.tasks[2].run, task.run)
    state = State(status="done", seconds=1.5)
    for made_with, told in (({"torch": "1.2.3"}, False), ({}, True)):
        (task.run / "about.json").write_text(json.dumps({**about, "made_with": made_with}))
        cell = gather(task, state, tiny=True)
        assert (dict(cell.made_with) == made_with, any("kept no versions" in note for note in cell.notes)) == (not told, told)


def test_a_time_that_was_not_watched_to_its_end_is_told(finished, tmp_path: Path) -> None:
    task = replace(finished.tasks[2], folder=tmp_path)
    shutil.copytree(finished.tasks[2].run, task.run)
    for watched in (True, False):
        cell = gather(task, State(status="done", seconds=1.5, watched=watched), tiny=True)
        assert any("it took longer than its time says" in note for note in cell.notes) == (not watched)


def test_the_weights_that_learn_are_those_the_bundle_holds(finished) -> None:
    from safetensors import safe_open

    with safe_open(finished.tasks[0].run / "bundle" / "adapter_model.safetensors", framework="np") as held:
        saved = sum(held.get_tensor(name).size for name in held.keys())  # noqa: SIM118 - it is no mapping
    assert finished.cells[0].learning == saved


def test_a_net_that_was_only_asked_learnt_nothing_and_keeps_its_notes(finished) -> None:
    cell = finished.cells[2]
    assert (cell.method, cell.learning) == ("zero-shot", 0)
    assert any("headline" in note for note in cell.notes)
    assert cell.results[0].name == cell.headline.name


@pytest.mark.parametrize(("model", "learning"), [("tinyllama", 206_848), ("phi-2", 660_480), ("opt-1.3b", 397_312)])
def test_the_real_models_learn_as_many_weights_as_the_reference_computes(model: str, learning: int) -> None:
    cell = CELLS[f"{model}-lora-dynahate"]
    assert count_weights(given_of(cell, "paper", 42)).total == learning


def test_results_come_back_as_they_were_kept(finished) -> None:
    assert {to_text(cell) for cell in read_cells(finished.out)} == {to_text(cell) for cell in finished.cells}


def test_results_that_cannot_be_read_are_told_all_at_once(tmp_path: Path) -> None:
    for seed in (1, 2):
        folder = tmp_path / "cells" / "a" / "paper" / f"seed-{seed}"
        folder.mkdir(parents=True)
        (folder / "cell.json").write_text("{")
    with pytest.raises(DataError) as told:
        read_cells(tmp_path)
    assert sum("seed-" in problem for problem in told.value.problems) == 2


@pytest.mark.parametrize("content", [None, "", "[]", '[{"name": "test"}]', '{"name": "test"}'])
def test_a_run_without_a_whole_result_is_refused(task_of: Callable[..., Task], content: str | None) -> None:
    task = task_of("x = 1")
    task.run.mkdir(parents=True)
    (task.run / "recipe.toml").write_text("[train]\nepochs = 1\n")
    if content is not None:
        task.results.write_text(content)
    with pytest.raises(DataError):
        gather(task, State(status="done"), tiny=False)
    assert not task.result.exists()


def test_what_is_kept_is_json_for_anybody(finished) -> None:
    content = json.loads(finished.tasks[0].result.read_text())
    assert content["cell"]["results"][0]["positive"] == "hate"
