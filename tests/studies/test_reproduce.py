"""The grid: planned whole, told what is wrong at once, and no result is made twice or of two recipes."""

import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.errors import DataError, LicenceError, RecipeError, TrainingError
from hatetinyllm.studies.cells import CELLS, PAPER_CELLS
from hatetinyllm.studies.children import Began, Ended, State, read_state
from hatetinyllm.studies.reproduce import Grid, dataset_names, plan, reproduce, require_consents, settle_changed, undone
from hatetinyllm.studies.study import Task
from hatetinyllm.studies.tiny import write_models
from hatetinyllm.training.run import locked

TWO = (CELLS["phi-2-zero-shot-dynahate"], CELLS["phi-2-lora-hateval"])
TaskOf = Callable[..., Task]


def test_every_cell_is_planned_on_both_splits_with_its_whole_recipe(tmp_path: Path) -> None:
    tasks = plan(tmp_path, Grid(cells=PAPER_CELLS))
    assert len(tasks) == 40
    assert len({task.folder for task in tasks}) == 40
    recipe = tomllib.loads(tasks[-1].recipe)
    assert (recipe["split"]["name"], recipe["train"]["clip_norm"]) == ("grouped", 1.0)


def test_seeds_make_more_runs_where_they_make_a_difference(tmp_path: Path) -> None:
    tasks = plan(tmp_path, Grid(cells=TWO, seeds=3))
    assert [(task.cell.method, task.split, task.seed) for task in tasks] == [
        *(("zero-shot", "paper", seed) for seed in (42, 43, 44)),
        ("zero-shot", "leakfree", 42),
        *(("lora", split, seed) for split in ("paper", "leakfree") for seed in (42, 43, 44)),
    ]


def test_a_setting_is_laid_over_the_cells_that_have_its_section(tmp_path: Path) -> None:
    settings = ("train.precision=bf16", "zero_shot.shots=4", "text.max_tokens=64")
    asked, learnt = (tomllib.loads(task.recipe) for task in plan(tmp_path, Grid(cells=TWO, splits=("paper",), settings=settings)))
    assert (asked["zero_shot"]["shots"], asked["text"]["max_tokens"]) == (4, 64)
    assert (learnt["train"]["precision"], learnt["text"]["max_tokens"]) == ("bf16", 64)
    assert "train" not in asked


def test_all_that_is_wrong_with_the_settings_is_told_at_once_and_each_thing_once(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as told:
        plan(tmp_path, Grid(cells=TWO, settings=("train.epoch=1", "zero_shot.shot=1", "tset.x=1")))
    assert len(told.value.problems) == 3
    assert any("did you mean 'epochs'" in problem for problem in told.value.problems)


def test_a_tiny_grid_is_small_and_says_so_in_its_identity(tmp_path: Path) -> None:
    grid = Grid(cells=TWO, splits=("paper",), tiny=True, stand_ins=("hateval",))
    asked, learnt = (tomllib.loads(task.recipe) for task in plan(tmp_path, grid))
    assert (asked["data"]["name"], learnt["data"]["name"]) == ("dynahate", "demo")
    assert learnt["sample"]["rows"] == asked["sample"]["rows"] > 0
    assert learnt["tuning"]["rank"] == 2
    assert grid.identity == {"nets": "tiny", "rows": {"dynahate": "its own", "hateval": "made up"}}
    assert [task.notes for task in plan(tmp_path, grid)] == [(), ("made-up rows of the demo stand in for hateval",)]


def test_what_a_row_is_called_by_cannot_be_laid_over_it_and_all_of_it_is_told_at_once(tmp_path: Path) -> None:
    settings = (
        "model.name=scratch",
        "split.name=official",
        "tuning.name=full",
        "data.language=es",
        "train.seed=1",
        "train.epoch=1",
    )
    with pytest.raises(RecipeError) as told:
        plan(tmp_path, Grid(cells=TWO, settings=settings))
    for place in ("model.name", "split.name", "tuning.name", "data.language", "train.seed"):
        assert any(problem.startswith(f"--set {place}:") for problem in told.value.problems), place
    assert any("did you mean 'epochs'" in problem for problem in told.value.problems)


def test_a_setting_that_changes_a_run_is_a_note_of_it_and_one_that_changes_nothing_is_not(tmp_path: Path) -> None:
    settings = ("train.epochs=1", "train.batch_size=8", "text.max_tokens=64", "zero_shot.shots=2", "sample.rows=300")
    grid = Grid(cells=TWO, splits=("leakfree",), seeds=2, settings=settings)
    notes = {(task.cell.method, task.seed): set(task.notes) for task in plan(tmp_path, grid)}
    both = {"changed by --set: text.max_tokens = 64", "changed by --set: sample.rows = 300"}
    assert notes["lora", 42] == notes["lora", 43] == {*both, "changed by --set: train.epochs = 1"}
    assert notes["zero-shot", 42] == notes["zero-shot", 43] == {*both, "changed by --set: zero_shot.shots = 2"}


def test_datasets_to_judge_on_ask_for_consent_too() -> None:
    grid = Grid(cells=(CELLS["phi-2-lora-dynahate"],), across=("dynahate", "hateval"), others=("davidson",))
    assert dataset_names(grid) == ("dynahate", "hateval", "davidson")
    assert grid.identity["rows"] == {"dynahate": "its own", "hateval": "its own"}
    with pytest.raises(LicenceError, match="hateval"):
        require_consents(grid)
    require_consents(replace(grid, stand_ins=("hateval",)))


def test_a_run_that_a_live_process_holds_is_neither_deleted_nor_begun_anew(task_of: TaskOf) -> None:
    before, after = task_of("steps = 5"), task_of("steps = 6")
    before.run.mkdir(parents=True)
    (before.folder / "recipe.toml").write_text(before.recipe)
    with locked(before.run), pytest.raises(TrainingError) as told:
        settle_changed([after])
    assert "a process of an earlier study still writes it" in told.value.problems[0]
    assert before.run.is_dir()
    settle_changed([after])
    assert not before.folder.exists()


def test_missing_consent_is_told_before_anything_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LicenceError) as told:
        require_consents(Grid(cells=PAPER_CELLS))
    assert "hatetinyllm data accept hateval" in told.value.problems[-1]
    assert sum("CC BY-NC" in problem for problem in told.value.problems) == 1
    require_consents(Grid(cells=PAPER_CELLS, stand_ins=("hateval",)))
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "hateval")
    require_consents(Grid(cells=PAPER_CELLS))


def test_a_cell_that_was_begun_with_another_recipe_is_refused(task_of: TaskOf) -> None:
    before, after = task_of("steps = 5"), task_of("steps = 6")
    before.folder.mkdir(parents=True)
    (before.folder / "recipe.toml").write_text(before.recipe)
    (before.run / "checkpoints" / "step-00000005").mkdir(parents=True)
    settle_changed([before])
    with pytest.raises(TrainingError) as told:
        settle_changed([after])
    assert "-steps = 5" in told.value.problems[0]
    assert "+steps = 6" in told.value.problems[0]


def test_one_that_came_to_nothing_makes_way_for_another_recipe(task_of: TaskOf) -> None:
    before, after = task_of("steps = 5"), task_of("steps = 6")
    before.run.mkdir(parents=True)
    (before.folder / "recipe.toml").write_text(before.recipe)
    (before.run / "recipe.toml").write_text(before.recipe)
    settle_changed([after])
    assert not before.folder.exists()


@pytest.mark.parametrize("tiny", [True, False])
def test_a_folder_named_like_a_model_makes_no_row_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: bool) -> None:
    write_models(tmp_path / "own", ["tinyllama"])
    monkeypatch.setenv("HATETINYLLM_MODELS", str(tmp_path / "own"))
    grid = Grid(cells=(CELLS["tinyllama-lora-dynahate"], CELLS["phi-2-lora-dynahate"]), splits=("paper",), tiny=tiny)
    if tiny:
        assert len(plan(tmp_path, grid)) == 2
        return
    with pytest.raises(RecipeError) as caught:
        plan(tmp_path, grid)
    (problem,) = caught.value.problems
    assert f"{tmp_path / 'own' / 'tinyllama'} does not hold tinyllama" in problem


def test_pickled_weights_are_allowed_for_the_models_that_have_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HATETINYLLM_MODELS", raising=False)
    cells = (CELLS["opt-1.3b-lora-dynahate"], CELLS["phi-2-lora-dynahate"], CELLS["opt-1.3b-zero-shot-dynahate"])
    grid = Grid(cells=cells, splits=("paper",), settings=("model.pickled=true",))
    assert [tomllib.loads(task.recipe)["model"]["pickled"] for task in plan(tmp_path, grid)] == [True, False, True]


def test_what_is_done_is_not_done_again(task_of: TaskOf, program: tuple[str, ...]) -> None:
    task, gathered = task_of(2), []

    def gather(task: Task, state: State) -> None:
        gathered.append((task, state.status))
        task.result.write_text("done")

    first = list(reproduce([task], program, os.environ, gather))
    assert any(isinstance(event, Ended) for event in first)
    assert gathered == [(task, "done")]
    assert undone([task]) == ()
    assert list(reproduce([task], program, os.environ, gather)) == []


def test_a_run_whose_result_was_lost_is_gathered_and_not_run_again(task_of: TaskOf, program: tuple[str, ...]) -> None:
    task = task_of(2)
    list(reproduce([task], program, os.environ, lambda task, state: None))
    events = list(reproduce([task], program, os.environ, lambda task, state: task.result.write_text("done")))
    assert not [event for event in events if isinstance(event, Began)]
    assert task.result.read_text() == "done"


def test_a_run_that_cannot_be_gathered_has_failed_and_says_why(task_of: TaskOf, program: tuple[str, ...]) -> None:
    task = task_of(2)

    def refuse(task: Task, state: State) -> None:
        raise DataError("no result in it", ["look at it"])

    ended = [event for event in reproduce([task], program, os.environ, refuse) if isinstance(event, Ended)]
    assert [(event.state.status, event.state.error) for event in ended] == [("failed", ("no result in it", "look at it"))]
    assert read_state(task) == ended[0].state
