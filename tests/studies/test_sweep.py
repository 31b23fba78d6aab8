"""A sweep of tiny trainings: what fails is told and passed by, what was cut goes on, and the test part is seen once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.config.recipe import read_recipe
from hatetinyllm.errors import RecipeError, TrainingError
from hatetinyllm.studies.sweep import Began, Ended, Event, Judging, sweep
from hatetinyllm.studies.sweep_recipe import read_sweep, to_toml
from hatetinyllm.studies.swept import Places, Swept
from hatetinyllm.training.follow import read_splits, train
from hatetinyllm.training.judge import judge_rows
from hatetinyllm.training.loop import Step
from hatetinyllm.training.run import locked

BASE: dict[str, Any] = {
    "data": {"name": "demo"},
    "sample": {"rows": 200},
    "split": {"name": "official"},
    "text": {"max_tokens": 32, "overlap_tokens": 8},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 32},
    "tuning": {"name": "full"},
    "train": {"epochs": 1, "batch_size": 32, "save_every": 2, "judge_every": 3, "device": "cpu", "threads": 1},
}


def recipe(over: dict[str, Any] | None = None, **search: Any) -> dict[str, Any]:
    return {**BASE, "sweep": {"trials": 3, **search, "over": over or {"train.learning_rate": "1e-4..1e-2"}}}


def done(given: dict[str, Any], folder: Path, **how: Any) -> tuple[Swept, list[Event]]:
    *events, swept = sweep(given, folder, **how)
    assert isinstance(swept, Swept)
    return swept, events


def test_the_best_of_dev_alone_is_judged_on_the_test_part_and_rows_are_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, read = list[str](), list[int]()

    def judge(*arguments: Any, name: str, **more: Any) -> Any:
        judged.append(name)
        return judge_rows(*arguments, name=name, **more)

    def count(recipe: Any) -> Any:
        read.append(1)
        return read_splits(recipe)

    monkeypatch.setattr("hatetinyllm.training.follow.judge_rows", judge)
    monkeypatch.setattr("hatetinyllm.training.follow.read_splits", count)
    swept, events = done(recipe(), tmp_path / "sweep")
    assert judged.count("test") == 1
    assert len(read) == 1
    assert [trial.standing for trial in swept.trials] == ["done"] * 3
    assert swept.best is not None
    assert swept.best.score == max(trial.score or 0 for trial in swept.trials)
    assert swept.tested == (swept.best.number,)
    assert swept.results[0].name == "test"
    assert [type(event) for event in events if not isinstance(event, Step) and type(event).__name__ != "Stage"] == [
        *[Began, Ended] * 3,
        Judging,
    ]
    places = Places(folder=tmp_path / "sweep")
    for trial in swept.trials:
        best = trial.number == swept.best.number
        assert places.run(trial.number).bundle.exists() is best
        assert places.run(trial.number).checkpoints.exists() is best
    again = train(read_recipe(places.best), tmp_path / "again")
    assert again.results == swept.results


def test_more_trials_go_on_where_the_others_ended_and_a_second_look_at_the_test_part_is_told(tmp_path: Path) -> None:
    first, _ = done(recipe(trials=1), tmp_path / "sweep")
    more, events = done(recipe(trials=3), tmp_path / "sweep", resume=True)
    assert more.trials[0] == first.trials[0]
    assert sum(isinstance(event, Began) for event in events) == 2
    whole, _ = done(recipe(trials=3), tmp_path / "whole")
    assert [(trial.values, trial.score) for trial in more.trials] == [(trial.values, trial.score) for trial in whole.trials]
    assert 1 in more.tested
    assert len(more.caveats) == len(more.tested)
    _, nothing = done(recipe(trials=3), tmp_path / "sweep", resume=True)
    assert nothing == []


def test_a_trial_that_diverges_has_failed_with_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    swept, _ = done(recipe({"train.learning_rate": [1e30, 1e-3]}, sampler="grid"), tmp_path / "sweep")
    assert [trial.standing for trial in swept.trials] == ["failed", "done"]
    assert "nan" in swept.trials[0].reason
    assert swept.best == swept.trials[1]


def test_out_of_memory_fails_a_trial_and_a_full_disk_ends_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def learn(*_: Any, learning_rate: float, **__: Any) -> Any:
        raise MemoryError("so large") if learning_rate < 1 else OSError(28, "No space left on device")

    monkeypatch.setattr("hatetinyllm.training.follow.learn", learn)
    with pytest.raises(OSError, match="No space"):
        list(sweep(recipe({"train.learning_rate": [1e-3, 2.0]}, sampler="grid"), tmp_path / "sweep"))
    told = json.loads((tmp_path / "sweep" / "sweep.json").read_text(encoding="utf-8"))
    assert [trial["reason"] for trial in told["trials"]] == ["MemoryError: so large"]


def test_where_the_first_trials_all_fail_the_sweep_ends(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="first 3 trials failed") as told:
        list(sweep(recipe({"train.learning_rate": [1e30, 1e31, 1e32, 1e33]}, trials=4, sampler="grid"), tmp_path / "sweep"))
    assert len(told.value.problems) == 3


def test_values_that_were_tried_before_are_not_trained_again(tmp_path: Path) -> None:
    swept, _ = done(recipe({"train.keep": [1, 2]}, trials=5, sampler="random"), tmp_path / "sweep")
    twins = [trial for trial in swept.trials if trial.same_as]
    assert len(twins) >= 3
    assert all(trial.score == swept.trials[(trial.same_as or 0) - 1].score for trial in twins)
    assert len(list((tmp_path / "sweep" / "trials").iterdir())) == 5 - len(twins)


def test_a_trial_that_lags_is_ended_early(tmp_path: Path) -> None:
    over = {"train.learning_rate": [1e-2, 9e-3, 8e-3, 7e-3, 6e-3, 1e-8]}
    swept, _ = done(recipe(over, trials=6, sampler="grid", prune=True), tmp_path / "sweep")
    last = swept.trials[-1]
    steps = (tmp_path / "sweep" / "trials" / "0006" / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    whole = (tmp_path / "sweep" / "trials" / "0001" / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    assert last.standing == "pruned"
    assert len(steps) < len(whole)


def test_whoever_stops_listening_goes_on_later_with_the_same_result(tmp_path: Path) -> None:
    whole, _ = done(recipe(trials=2), tmp_path / "whole")
    for after in (2, 6):
        events = sweep(recipe(trials=2), tmp_path / "sweep", resume=after > 2)
        steps = 0
        for event in events:
            steps += isinstance(event, Step)
            if steps == after:
                break
        events.close()
    swept, _ = done(recipe(trials=2), tmp_path / "sweep", resume=True)
    assert [(trial.values, trial.score, trial.step) for trial in swept.trials] == [
        (trial.values, trial.score, trial.step) for trial in whole.trials
    ]
    assert swept.results == whole.results


def test_another_figure_can_be_held_against_each_other(tmp_path: Path) -> None:
    swept, _ = done(recipe(trials=1, metric="auroc"), tmp_path / "sweep")
    (trial,) = swept.trials
    lines = map(json.loads, (tmp_path / "sweep" / "trials" / "0001" / "steps.jsonl").read_text(encoding="utf-8").splitlines())
    kept = next(line for line in lines if line["number"] == trial.step)
    assert trial.score == kept["dev"]["metrics"]["auroc"]
    assert kept["best"]


def test_values_that_cannot_be_followed_are_told_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as told:
        next(sweep(recipe({"tuning.name": ["full", "houlsby"], "train.epochs": "0..2"}), tmp_path / "sweep"))
    assert any("bottleneck" in problem for problem in told.value.problems)
    assert any("'epochs'" in problem for problem in told.value.problems)
    assert not (tmp_path / "sweep").exists()


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        folder = tmp_path / "kept"
        folder.mkdir()
        (folder / name).write_text("a person's", encoding="utf-8")
        return folder

    return make


@pytest.mark.parametrize(("name", "said"), [("sweep.toml", "holds a sweep already"), ("mine.txt", "no sweep's")])
def test_a_folder_that_holds_something_is_left_alone(kept: Callable[[str], Path], name: str, said: str) -> None:
    folder = kept(name)
    with pytest.raises(TrainingError, match=said):
        next(sweep(recipe(), folder))
    assert (folder / name).read_text(encoding="utf-8") == "a person's"


def test_two_processes_do_not_write_one_sweep_and_a_launcher_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with locked(tmp_path / "sweep"), pytest.raises(TrainingError, match="another process"):
        next(sweep(recipe(), tmp_path / "sweep"))
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainingError, match="one process"):
        next(sweep(recipe(), tmp_path / "sweep"))


def test_a_trial_whose_process_is_ended_again_and_again_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> Any:
        raise SystemExit  # nothing more is written, as by a kill

    folder = tmp_path / "sweep"
    with monkeypatch.context() as patch:
        patch.setattr("hatetinyllm.training.follow.learn", killed)
        for attempt in range(3):
            with pytest.raises(SystemExit):
                list(sweep(recipe(trials=2), folder, resume=attempt > 0))
    swept, _ = done(recipe(trials=2), folder, resume=True)
    assert [trial.standing for trial in swept.trials] == ["failed", "done"]
    assert "3 times at step 0" in swept.trials[0].reason


def test_a_sweep_that_is_killed_goes_on_with_the_trial_that_was_cut(tmp_path: Path) -> None:
    given = recipe(trials=2)
    given["train"] = {**BASE["train"], "epochs": 4}
    (tmp_path / "recipe.toml").write_text(to_toml(read_sweep(given)), encoding="utf-8")
    order = [sys.executable, "-m", "hatetinyllm", "sweep", str(tmp_path / "recipe.toml"), "--out", str(tmp_path / "sweep")]
    second = tmp_path / "sweep" / "trials" / "0002" / "checkpoints"
    with subprocess.Popen(order, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL) as process:
        while not list(second.glob("step-*")):
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    swept, events = done(given, tmp_path / "sweep", resume=True)
    began = [event.trial for event in events if isinstance(event, Began)]
    assert [trial.number for trial in began] == [2]
    steps = [event.number for event in events if isinstance(event, Step)]
    assert steps[0] > 1
    whole, _ = done(given, tmp_path / "whole")
    assert [(trial.values, trial.score, trial.step) for trial in swept.trials] == [
        (trial.values, trial.score, trial.step) for trial in whole.trials
    ]
    assert swept.results == whole.results
