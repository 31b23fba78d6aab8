"""Several seeds learn from rows that are read once; each is a run like any other, and what is finished is not done again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hatetinyllm.errors import ModelError, RecipeError, TrainingError
from hatetinyllm.training import material
from hatetinyllm.training.follow import Stage, train
from hatetinyllm.training.loop import Step
from hatetinyllm.training.seeds import SeedsOutcome, is_of_seeds, train_seeds

RECIPE: dict[str, Any] = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "text": {"max_tokens": 32, "overlap_tokens": 8},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 32},
    "tuning": {"name": "lora", "rank": 2},
    "train": {"epochs": 1, "batch_size": 128, "learning_rate": 1e-2, "save_every": 3, "device": "cpu", "seed": 7},
}
Events = list[Stage | Step]


def named(events: Events, name: str) -> list[str]:
    return [event.detail for event in events if isinstance(event, Stage) and event.name == name]


def weights(outcome: SeedsOutcome) -> list[bytes]:
    return [one.bundle.weights.read_bytes() for one in outcome.seeds]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[SeedsOutcome, Events]:
    """Two seeds, uninterrupted."""
    events: Events = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HATETINYLLM_CACHE", str(tmp_path_factory.mktemp("cache")))
        return train_seeds(RECIPE, tmp_path_factory.mktemp("whole") / "run", seeds=2, on_event=events.append), events


def test_each_seed_is_the_run_it_would_be_alone(whole: tuple[SeedsOutcome, Events], tmp_path: Path) -> None:
    outcome, _ = whole
    assert [one.seed for one in outcome.seeds] == [7, 8]
    alone = train({**RECIPE, "train": {**RECIPE["train"], "seed": 8}}, tmp_path / "alone")
    assert outcome.seeds[1].bundle.weights.read_bytes() == alone.bundle.weights.read_bytes()
    assert outcome.seeds[1].results == alone.results
    assert weights(outcome)[0] != weights(outcome)[1]
    for name in ("recipe.toml", "rejected.jsonl", "steps.jsonl", "results.json"):
        assert (outcome.seeds[1].run / name).is_file()


def test_rows_are_read_once(whole: tuple[SeedsOutcome, Events]) -> None:
    _, events = whole
    assert [len(named(events, name)) for name in ("seed", "reading", "read", "building", "training")] == [2, 1, 1, 2, 2]


def test_the_spread_is_that_of_the_results(whole: tuple[SeedsOutcome, Events]) -> None:
    outcome, events = whole
    values = [one.results[0].metrics["macro_f1"] or 0.0 for one in outcome.seeds]
    assert outcome.spread["test"]["macro_f1"].mean == pytest.approx(np.mean(values))
    best = [event.dev for event in events if isinstance(event, Step) and event.best]
    assert all(one.dev in best for one in outcome.seeds)
    assert outcome.spread["dev"]["auroc"].seeds == 2
    told = json.loads((outcome.folder / "results.json").read_text(encoding="utf-8"))
    assert [one["seed"] for one in told["seeds"]] == [7, 8]
    assert told["spread"]["test"]["macro_f1"]["mean"] == pytest.approx(np.mean(values))


def test_a_stopped_one_goes_on_and_what_is_finished_is_not_done_again(
    whole: tuple[SeedsOutcome, Events], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[str] = []

    def walk_away(event: Stage | Step) -> None:
        if isinstance(event, Stage) and event.name == "seed":
            seeds.append(event.detail)
        if len(seeds) == 2 and isinstance(event, Step) and event.number == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_seeds(RECIPE, tmp_path / "run", seeds=2, on_event=walk_away)
    assert is_of_seeds(tmp_path / "run")
    with pytest.raises(TrainingError, match="holds a run of several seeds already"):
        train_seeds(RECIPE, tmp_path / "run", seeds=2)
    events: Events = []
    resumed = train_seeds(tmp_path / "run" / "recipe.toml", tmp_path / "run", resume=True, on_event=events.append)
    assert [detail.endswith("is done already") for detail in named(events, "seed")] == [True, False]
    assert next(event.number for event in events if isinstance(event, Step)) == 5
    assert weights(resumed) == weights(whole[0])
    assert [one.results for one in resumed.seeds] == [one.results for one in whole[0].seeds]
    assert [one.dev for one in resumed.seeds] == [one.dev for one in whole[0].seeds]
    monkeypatch.setattr(material, "load_dataset", lambda *_, **__: pytest.fail("the data was read"))
    assert train_seeds(tmp_path / "run" / "recipe.toml", tmp_path / "run", resume=True).spread == whole[0].spread


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_between_and_within_seeds_changes_no_weight(whole: tuple[SeedsOutcome, Events], tmp_path: Path) -> None:
    recipe, run = whole[0].folder / "recipe.toml", tmp_path / "run"
    order = [sys.executable, "-m", "hatetinyllm", "train"]
    for options in ([str(recipe), "--out", str(run), "--seeds", "2"], ["--resume", str(run)]):
        before = len(list(run.glob("seed-*/steps.jsonl")))
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen([*order, *options], stderr=subprocess.DEVNULL, env=environment) as process:
            while len(list(run.glob("seed-*/steps.jsonl"))) == before and process.poll() is None:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
    resumed = train_seeds(run / "recipe.toml", run, resume=True)
    assert weights(resumed) == weights(whole[0])
    known = {"recipe.toml", "seeds.json", "results.json", "seed-7", "seed-8"}
    assert {path.name for path in run.iterdir() if path.name != ".lock"} == known


def test_begun_anew_nothing_of_the_old_run_stays(whole: tuple[SeedsOutcome, Events], tmp_path: Path) -> None:
    train_seeds(RECIPE, tmp_path / "run", seeds=3)
    with pytest.raises(TrainingError, match="begun with another recipe"):
        train_seeds({**RECIPE, "tuning": {"name": "head"}}, tmp_path / "run", resume=True)
    with pytest.raises(TrainingError, match="was begun with 3 seeds, not with 2"):
        train_seeds(RECIPE, tmp_path / "run", seeds=2, resume=True)
    outcome = train_seeds(RECIPE, tmp_path / "run", seeds=2, overwrite=True)
    assert weights(outcome) == weights(whole[0])
    assert sorted(path.name for path in (tmp_path / "run").glob("seed-*")) == ["seed-7", "seed-8"]


@pytest.mark.parametrize("name", ["thesis.txt", "seed-one/mine", "seed-7/thesis.txt", "recipe.toml"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_what_is_not_a_runs_is_never_touched(tmp_path: Path, name: str, overwrite: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(TrainingError, match="no run's"):
        train_seeds(RECIPE, tmp_path, seeds=2, overwrite=overwrite)
    assert path.read_text(encoding="utf-8") == "mine"
    assert not is_of_seeds(tmp_path)


def test_a_start_that_failed_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        train_seeds({**RECIPE, "text": {"max_tokens": 33}}, tmp_path / "runs" / "mine", seeds=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("seed", "seeds", "told"), [(7, 1, "two seeds or more"), (2**31 - 2, 3, "go beyond")])
def test_seeds_that_cannot_be_are_told(tmp_path: Path, seed: int, seeds: int, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        train_seeds({**RECIPE, "train": {**RECIPE["train"], "seed": seed}}, tmp_path / "run", seeds=seeds)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("content", "told"), [(None, "holds no run of several seeds"), ("[", "damaged"), ("{}", "damaged")])
def test_a_folder_that_cannot_be_gone_on_with_is_told(tmp_path: Path, content: str | None, told: str) -> None:
    if content is not None:
        (tmp_path / "seeds.json").write_text(content, encoding="utf-8")
    with pytest.raises(TrainingError, match=told):
        train_seeds(RECIPE, tmp_path, resume=True)


def test_seeds_that_explored_are_tested_once_that_is_asked_for(tmp_path: Path) -> None:
    explored = train_seeds(RECIPE, tmp_path / "run", seeds=2, dev_only=True)
    assert set(explored.spread) == {"dev"}
    assert [one.test for one in explored.seeds] == [None, None]
    again: Events = []
    assert train_seeds(RECIPE, tmp_path / "run", resume=True, dev_only=True, on_event=again.append) == explored
    assert not named(again, "training")
    tested = train_seeds(RECIPE, tmp_path / "run", resume=True)
    assert set(tested.spread) == {"dev", "test"}
    assert weights(tested) == weights(explored)
