"""The grid in small: its nets have the models' architectures, its rows are real ones where they are at hand."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.hateval import FILES
from hatetinyllm.studies.cells import CELLS, MODELS
from hatetinyllm.studies.tiny import missing_datasets, settings_of, write_models

HEADER = "id,text,HS,TR,AG\n"


def test_every_model_has_a_tiny_checkpoint_of_its_architecture(tmp_path: Path) -> None:
    write_models(tmp_path, MODELS)
    kinds = {name: json.loads((tmp_path / name / "config.json").read_text())["model_type"] for name in MODELS}
    assert kinds == {"tinyllama": "llama", "phi-2": "phi", "opt-1.3b": "opt", "mistral-7b": "mistral"}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write_models(tmp_path, MODELS)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_small_cell_keeps_the_papers_numbers_and_takes_fewer_steps() -> None:
    settings = settings_of(CELLS["phi-2-lora-dynahate"], rows=80)
    assert "sample.rows=80" in settings
    assert "train.epochs=1" in settings
    assert not [setting for setting in settings if setting.startswith("tuning.")]
    assert not [setting for setting in settings_of(CELLS["phi-2-zero-shot-dynahate"]) if setting.startswith("train.")]


def test_without_a_mirror_and_a_cache_every_dataset_is_missing_and_nothing_is_downloaded() -> None:
    assert dict(missing_datasets(["dynahate", "hateval"])) == {
        "dynahate": "its files are not here",
        "hateval": "its files are not here",
    }


def test_a_mirror_without_consent_or_without_the_file_says_what_is_wanting(
    mirror: Callable[[Mapping[str, str]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {
        FILES[f"en {part}"].path: HEADER + f"{number},a nice day,{number % 2},0,0\n"
        for number, part in enumerate(("train", "dev"))
    }
    mirror(rows)
    assert "no commercial use" in dict(missing_datasets(["hateval"]))["hateval"]
    monkeypatch.setenv("HATETINYLLM_ACCEPT", "hateval")
    missing = dict(missing_datasets(["hateval", "hateval-es"]))
    assert list(missing) == ["hateval-es"]
    assert "hateval2019_es_train.csv" in missing["hateval-es"]
