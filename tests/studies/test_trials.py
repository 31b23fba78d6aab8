"""The journal of trials: what a kill leaves is gone on with, and nothing that was tried depends on when it was stopped."""

import json
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.errors import TrainingError
from hatetinyllm.studies.sweep_recipe import SweepRecipe, read_sweep
from hatetinyllm.studies.trial import Trial
from hatetinyllm.studies.trials import Trials

STATED: dict[str, Any] = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "model": {"name": "scratch"},
    "tuning": {"name": "lora"},
}
OVER: dict[str, Any] = {
    "train.learning_rate": "1e-5..1e-2",
    "tuning.name": "lora,ia3",
    "tuning.rank": "2..16",
    "tuning.layers": [["q_proj"], ["q_proj", "v_proj"]],
}


def recipe(over: dict[str, Any] = OVER, **search: Any) -> SweepRecipe:
    return read_sweep({**STATED, "sweep": {**search, "over": over}})


def score_of(trial: Trial) -> float:
    return min(1.0, trial.values["train.learning_rate"] * 50 + trial.values.get("tuning.rank", 0) / 100)


def run(trials: Trials, count: int) -> list[Trial]:
    return [trials.end("done", score=score_of(trials.begin_and_show())) for _ in range(count)]


class Shown(Trials):
    def begin_and_show(self) -> Trial:
        self.shown = self.begin()
        return self.shown


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_search_that_was_stopped_tries_what_one_that_was_not_tries(tmp_path: Path, sampler: str) -> None:
    plan = recipe(sampler=sampler)
    whole = run(Shown(tmp_path / "whole.jsonl", plan), 14)
    for count in (3, 1, 10):
        stopped = Shown(tmp_path / "stopped.jsonl", plan)
        run(stopped, count)
    assert [trial.values for trial in stopped] == [trial.values for trial in whole]
    assert len({json.dumps(trial.values) for trial in whole}) == 14
    assert [trial.values for trial in run(Shown(tmp_path / "other.jsonl", recipe(sampler=sampler, seed=1)), 3)] != [
        trial.values for trial in whole[:3]
    ]


def test_the_trial_that_was_cut_is_begun_again_with_its_values_and_reports(tmp_path: Path) -> None:
    first = Trials(tmp_path / "journal.jsonl", recipe())
    cut = first.begin()
    first.note(starts=[0])
    first.report(1, 0.5)
    again = Trials(tmp_path / "journal.jsonl", recipe())
    found = again.begin()
    assert (found.number, found.values, found.starts) == (1, cut.values, (0,))
    assert not again.report(1, 0.5)  # Optuna would warn of a second report, and warnings are errors here
    ended = again.end("done", score=0.6, step=20, seconds=3.5)
    assert (ended.standing, ended.score, ended.step, ended.seconds, ended.starts) == ("done", 0.6, 20, 3.5, ())
    assert again.begin().number == 2


def test_half_a_line_that_a_kill_left_is_cut_off(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    run(Shown(journal, recipe()), 2)
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"op_code":4,"wor')
    assert [trial.standing for trial in Trials(journal, recipe())] == ["done", "done"]
    assert journal.read_bytes().startswith(whole)
    assert b'"wor' not in journal.read_bytes()[len(whole) :] or journal.read_bytes().endswith(b"\n")


def test_a_lock_that_a_killed_process_left_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl.lock").touch()
    assert list(Trials(tmp_path / "journal.jsonl", recipe())) == []


def test_the_journal_is_json_lines_and_nothing_else_is_written(tmp_path: Path) -> None:
    run(Shown(tmp_path / "journal.jsonl", recipe()), 2)
    assert [path.name for path in tmp_path.iterdir()] == ["journal.jsonl"]
    assert all(json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines())


def test_a_journal_of_another_space_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text("no journal\nat all\n")
    with pytest.raises(TrainingError, match="cannot be read"):
        Trials(tmp_path / "journal.jsonl", recipe())


def test_an_option_is_tried_only_with_the_parts_that_have_it(tmp_path: Path) -> None:
    tried = run(Shown(tmp_path / "journal.jsonl", recipe(sampler="random")), 12)
    assert {trial.values["tuning.name"] for trial in tried} == {"lora", "ia3"}
    assert all(("tuning.rank" in trial.values) == (trial.values["tuning.name"] == "lora") for trial in tried)
    assert all(isinstance(trial.values["tuning.layers"], list) for trial in tried if "tuning.layers" in trial.values)


def test_a_grid_tries_every_combination_in_order(tmp_path: Path) -> None:
    plan = recipe({"train.learning_rate": "1e-3,1e-2", "tuning.rank": "2..3"}, sampler="grid")
    tried = run(Shown(tmp_path / "journal.jsonl", plan), plan.trials)
    assert [trial.values for trial in tried] == plan.grid


def test_the_best_is_the_first_of_the_highest_and_what_failed_is_none(tmp_path: Path) -> None:
    trials = Trials(tmp_path / "journal.jsonl", recipe())
    for standing, score in (("done", 0.4), ("done", 0.7), ("failed", None), ("pruned", None), ("done", 0.7)):
        trials.begin()
        trials.report(1, 0.9)
        trials.end(standing, score=score, reason="diverged" if standing == "failed" else "")  # type: ignore[arg-type]
    best = trials.best()
    assert best is not None
    assert (best.number, best.score) == (2, 0.7)
    assert [trial.reason for trial in trials if trial.standing == "failed"] == ["diverged"]


def test_what_was_tried_before_is_known_by_its_values(tmp_path: Path) -> None:
    plan = recipe({"tuning.rank": "2,4", "train.learning_rate": "1e-3,1e-2"}, sampler="random")
    trials = Shown(tmp_path / "journal.jsonl", plan)
    run(trials, 12)
    twins = [trials.twin(trial) for trial in trials]
    assert all(twin is not None and twin.number <= trial.number for twin, trial in zip(twins, trials, strict=True))
    assert len({twin.number for twin in twins if twin}) <= 4


def test_a_trial_that_lags_behind_the_median_is_to_be_ended(tmp_path: Path) -> None:
    trials = Trials(tmp_path / "journal.jsonl", recipe(prune=True))
    for _ in range(5):
        trials.begin()
        assert not trials.report(1, 0.8)
        trials.end("done", score=0.8)
    trials.begin()
    assert trials.report(1, 0.1)
    assert trials.end("pruned").score == 0.1
    without = Trials(tmp_path / "other.jsonl", recipe())
    for _ in range(6):
        without.begin()
        assert not without.report(1, 0.1)
        without.end("done", score=0.8)


def test_importance_is_told_once_there_is_something_to_tell_it_from(tmp_path: Path) -> None:
    trials = Shown(tmp_path / "journal.jsonl", recipe({"train.learning_rate": "1e-5..1e-2", "train.weight_decay": "0..0.1"}))
    run(trials, 9)
    assert trials.importance() == {}
    run(trials, 6)
    found = trials.importance()
    assert sum(found.values()) == pytest.approx(1, abs=1e-3)
    assert max(found, key=lambda place: found[place]) == "train.learning_rate"
