"""Trackers are told figures and never texts; a run gone on with goes on where it was; a tracker's failure is no run's."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accelerate import PartialState
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.errors import TrainingError
from hatetinyllm.training.loop import Step
from hatetinyllm.training.run import Run
from hatetinyllm.training.trackers import KEPT, note_of, settings_of, tracked, wrong_tracker
from hatetinyllm.types import Choice, Result

SECRET = "a line of somebody's data"
RECIPE = Recipe(
    sections={
        "data": Choice(name="table", options={"path": SECRET, "columns": (SECRET,), "rows": 5}),
        "text": Choice(name="", options={"prompt": SECRET, "max_tokens": 128}),
        "tuning": Choice(name="lora", options={"rank": 2, "layers": ("k_proj",)}),
        "train": Choice(name="", options={"learning_rate": 0.01, "precision": "fp32", "threads": 0}),
    }
)
DEV = Result(
    name="dev",
    head="hate",
    positive="hate",
    rows=0,
    prevalence=0.5,
    threshold=0.5,
    metrics={"macro_f1": 0.75, "auroc": None},
    confusion={},
)
FAKE = """
import sys
from types import SimpleNamespace
told = []
def init(**given):
    told.append(("init", given))
    return SimpleNamespace(log=lambda values, step: told.append((step, values)), finish=lambda: told.append("finished"))
config = SimpleNamespace(update=lambda values, allow_val_change: told.append(("settings", values)))
"""
FAKE_MLFLOW = """
from types import SimpleNamespace
told = []
utils = SimpleNamespace(validation=SimpleNamespace(MAX_PARAM_VAL_LENGTH=500, MAX_PARAMS_TAGS_PER_BATCH=100))
def search_experiments(filter_string): return []
def create_experiment(name, artifact_location, tags): return 7
def start_run(run_id, **given):
    told.append(("init", dict(given, run_id=run_id)))
    return SimpleNamespace(info=SimpleNamespace(run_id=run_id or "its-own"))
def log_params(values): told.append(("settings", values))
def log_metrics(values, step): told.append((step, values))
def end_run(): told.append("finished")
"""


def step(number: int, of: int = 4, *, judged: bool = False) -> Step:
    return Step(
        number=number,
        of=of,
        epoch=1,
        loss=1.0 / number,
        learning_rate=1e-3,
        texts_per_s=80,
        texts=8,
        tokens=200,
        seconds=0.1,
        notes=(),
        dev=DEV if judged else None,
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    PartialState(cpu=True)  # as the loop has it by the first step
    (tmp_path / "mine").mkdir()
    return Run(folder=tmp_path / "mine")


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """A package of a tracker's name that writes down what it is told."""

    def make(name: str) -> Any:
        (tmp_path / "fakes" / name).mkdir(parents=True)
        (tmp_path / "fakes" / name / "__init__.py").write_text(FAKE_MLFLOW if name == "mlflow" else FAKE, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path / "fakes")
        for key in ("WANDB_MODE", "WANDB_API_KEY", "MLFLOW_TRACKING_URI", "TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL"):
            monkeypatch.delenv(key, raising=False)
        monkeypatch.setitem(sys.modules, name, None)  # put back afterwards as it was
        del sys.modules[name]
        return __import__(name)

    return make


def curve(folder: Path, name: str) -> list[tuple[int, float]]:
    events = EventAccumulator(str(folder))
    events.Reload()
    return [(event.step, round(event.value, 4)) for event in events.Scalars(name)]


def test_tensorboard_gets_every_step_and_a_run_gone_on_with_goes_on_there(run: Run) -> None:
    first = list(tracked(iter([step(1), step(2, judged=True), step(3)]), "tensorboard", run, RECIPE))
    assert [one.number for one in first] == [1, 2, 3]
    list(tracked(iter([step(3), step(4)]), "tensorboard", run, RECIPE))  # the third was after the last checkpoint
    assert curve(run.tracker, "loss") == [(1, 1.0), (2, 0.5), (3, 0.3333), (4, 0.25)]
    assert curve(run.tracker, "dev/macro_f1") == [(2, 0.75)]
    assert curve(run.tracker, "tokens_per_s") == [(number, 2000.0) for number in (1, 2, 3, 4)]
    written = b"".join(path.read_bytes() for path in run.tracker.rglob("*") if path.is_file())
    assert b"train.learning_rate" in written
    assert SECRET.encode() not in written
    assert len(list(run.tracker.rglob("hparams.yml"))) == 1


@pytest.mark.parametrize("name", ["wandb", "mlflow", "trackio"])
def test_others_get_the_figures_in_one_run_and_no_text(run: Run, pretend: Callable[[str], Any], name: str) -> None:
    told = pretend(name).told
    list(tracked(iter([step(1), step(2), step(3, judged=True)]), name, run, RECIPE))
    list(tracked(iter([step(3), step(4)]), name, run, RECIPE))
    begins = [given for what, given in (one for one in told if one != "finished") if what == "init"]
    assert len(begins) == 2
    names = [given.get("name", given.get("run_name")) for given in begins]
    assert names[0].startswith("mine-")
    assert name == "mlflow" or names[0] == names[1]
    assert begins[1].get("run_id", "its-own") == "its-own"
    assert begins[0].get("run_id") is None
    assert [one for one in told if one[0] == "settings"] == [("settings", settings_of(RECIPE))]
    steps = [one for one in told if isinstance(one[0], int)]
    assert [number for number, _ in steps] == [1, 3, 3, 4]  # the second came within a second of the first
    judged = steps[1][1]
    assert judged["loss"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert judged["dev/macro_f1"] == 0.75
    assert "dev/auroc" not in judged
    assert told.count("finished") == 2
    assert SECRET not in str(told)
    assert json.loads((run.tracker / KEPT).read_text(encoding="utf-8"))["tracker"] == name


def test_wandb_speaks_to_a_network_only_where_it_is_set_to(
    run: Run, pretend: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = pretend("wandb")
    list(tracked(iter([step(1)]), "wandb", run, RECIPE))
    given = module.told[0][1]
    assert given["mode"] == "offline"
    assert given["settings"]["console"] == "off"
    assert "sends nothing" in note_of("wandb", run)
    monkeypatch.setenv("WANDB_MODE", "online")
    assert "over the network" in note_of("wandb", run)
    list(tracked(iter([step(1)]), "wandb", run, RECIPE))
    assert next(given for what, given in reversed(module.told[:-1]) if what == "init")["mode"] == "online"


@pytest.mark.parametrize("name", ["tensorboard", "mlflow", "trackio"])
def test_the_note_says_whether_anything_is_sent(run: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("MLFLOW_TRACKING_URI", "TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL"):
        monkeypatch.delenv(key, raising=False)
    assert "nothing" in note_of(name, run)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.example")
    monkeypatch.setenv("TRACKIO_SPACE_ID", "mine")
    assert ("go" in note_of(name, run).split()) == (name != "tensorboard")
    assert note_of("none", run) == ""


def test_a_missing_package_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong_tracker("tensorboard") == []
    monkeypatch.setattr("hatetinyllm.training.trackers.find_spec", lambda name: None)
    assert wrong_tracker("none") == []
    (said,) = wrong_tracker("wandb")
    assert said.endswith("pip install wandb")


def test_a_tracker_that_cannot_begin_is_told(run: Run, pretend: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**given: object) -> None:
        raise OSError("no such server\nand a long story")

    monkeypatch.setattr(pretend("wandb"), "init", refuse)
    with pytest.raises(TrainingError, match="'wandb' cannot be begun") as caught:
        list(tracked(iter([step(1)]), "wandb", run, RECIPE))
    assert caught.value.problems[0] == "no such server"


def test_a_tracker_that_fails_later_is_left_and_the_run_goes_on(
    run: Run, pretend: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = pretend("mlflow")

    def fail(values: object, step: int) -> None:
        raise ConnectionError("gone")

    steps = tracked((step(number, judged=True) for number in (1, 2, 3, 4)), "mlflow", run, RECIPE)
    assert next(steps).notes == ()
    monkeypatch.setattr(module, "log_metrics", fail)
    second, *rest = list(steps)
    assert second.notes == ("tracker mlflow is left, and training goes on: gone",)
    assert [one.notes for one in rest] == [(), ()]


def test_a_run_that_is_stopped_closes_its_tracker_and_its_steps(run: Run, pretend: Callable[[str], Any]) -> None:
    module, closed = pretend("trackio"), []

    def steps() -> Iterator[Step]:
        try:
            yield step(1)
            yield step(2)
        finally:
            closed.append(True)

    stopped = tracked(steps(), "trackio", run, RECIPE)
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    assert closed == [True]
    assert module.told[-1] == "finished"


def test_only_the_process_that_writes_speaks(tmp_path: Path) -> None:
    steps = iter([step(1)])
    assert tracked(steps, "tensorboard", Run(folder=tmp_path, writes=False), RECIPE) is steps
    assert tracked(steps, "none", Run(folder=tmp_path), RECIPE) is steps


def test_settings_are_numbers_names_and_the_words_of_learning() -> None:
    assert settings_of(RECIPE) == {
        "data": "table",
        "data.rows": 5,
        "text.max_tokens": 128,
        "tuning": "lora",
        "tuning.rank": 2,
        "train.learning_rate": 0.01,
        "train.precision": "fp32",
        "train.threads": 0,
    }
