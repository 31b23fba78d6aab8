"""What a study would take, told before it is begun."""

import json
from pathlib import Path

import pytest

from hatetinyllm.models.card import card_of
from hatetinyllm.studies.cells import CELLS, PAPER_CELLS
from hatetinyllm.studies.children import State, write_state
from hatetinyllm.studies.outlook import look_ahead
from hatetinyllm.studies.reproduce import Grid, plan

REAL = Grid(cells=PAPER_CELLS, splits=("paper",))


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("HATETINYLLM_MODELS", raising=False)


def test_models_that_are_not_here_are_told_with_size_and_licence(tmp_path: Path) -> None:
    outlook = look_ahead(plan(tmp_path, REAL), REAL)
    opt = next(model for model in outlook.models if model.name == "opt-1.3b")
    assert (opt.runs, opt.folder, opt.commercial, opt.pickled) == (6, None, False, True)
    assert opt.download_bytes > 2e9
    assert [model.name for model in outlook.models] == ["tinyllama", "phi-2", "opt-1.3b", "mistral-7b"]


def test_a_local_copy_needs_no_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, own = card_of("phi-2"), tmp_path / "models" / "phi-2"
    assert card is not None
    own.mkdir(parents=True)
    (own / "config.json").write_text(json.dumps(dict(card.shape)))
    (own / "model.safetensors").write_bytes(b"x")
    monkeypatch.setenv("HATETINYLLM_MODELS", str(tmp_path / "models"))
    outlook = look_ahead(plan(tmp_path, REAL), REAL)
    assert {model.name for model in outlook.models if not model.download_bytes} == {"phi-2"}


def test_each_run_says_how_it_stands(tmp_path: Path) -> None:
    grid = Grid(cells=(CELLS["phi-2-lora-dynahate"], CELLS["phi-2-zero-shot-dynahate"]))
    tasks = plan(tmp_path, grid)
    for task in tasks[:2]:
        task.folder.mkdir(parents=True)
    tasks[0].result.write_text("{}")
    write_state(tasks[1], State(status="failed", attempts=1, error=("why",)))
    runs = look_ahead(tasks, grid).runs
    assert [run.status for run in runs] == ["done", "failed", "not begun", "not begun"]
    assert [run.command for run in runs] == ["train", "train", "zero-shot", "zero-shot"]
    assert runs[0].recipe == tasks[0].recipe


def test_licences_that_were_not_agreed_to_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = plan(tmp_path, REAL)
    assert {one.name: one.agreed for one in look_ahead(tasks, REAL).data} == {"dynahate": True, "hateval": False}
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "hateval")
    assert all(one.agreed for one in look_ahead(tasks, REAL).data)
