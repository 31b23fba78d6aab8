"""A recipe is followed from texts to a checkpoint that is read as any other, and goes on from there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.errors import ModelError, RecipeError, TrainingError
from hatetinyllm.models import hub
from hatetinyllm.pretraining.follow import Pretrained, check, pretrain
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step

WORDS = ("sea", "sky", "hill", "road", "wind", "rain")


@pytest.fixture
def recipe(tmp_path: Path) -> dict[str, Any]:
    lines = [f"The {one} was calm and the {two} was loud on day {day}." for day in range(9) for one in WORDS for two in WORDS]
    (tmp_path / "texts.txt").write_text("\n".join(lines), encoding="utf-8")
    return {
        "corpus": {"files": [str(tmp_path / "texts.txt")], "held_out_share": 0.2},
        "vocabulary": {"size": 320},
        "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 32},
        "pretrain": {"steps": 8, "row_tokens": 16, "batch_rows": 4, "device": "cpu", "made": False, "precision": "fp32"},
    }


def changed(recipe: Mapping[str, Any], section: str, **options: Any) -> dict[str, Any]:
    return {**recipe, section: {**recipe[section], **options}}


def test_texts_become_a_checkpoint_and_a_record(recipe: dict[str, Any], tmp_path: Path) -> None:
    events: list[Stage | Step] = []
    outcome = pretrain(recipe, tmp_path / "run", on_event=events.append)
    assert outcome.steps == 8
    assert outcome.tokens == 8 * 4 * 16
    assert outcome.bits_per_byte
    model = hub.load(2, id=str(outcome.model))
    assert model.tokenizer.get_vocab_size() <= 320
    said = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    assert said["bits_per_byte"] == pytest.approx(outcome.bits_per_byte)
    assert [event.name for event in events if isinstance(event, Stage)][:2] == ["reading", "words"]
    assert len([event for event in events if isinstance(event, Step)]) == 8


def test_one_that_was_left_goes_on_and_reads_no_text_again(recipe: dict[str, Any], tmp_path: Path) -> None:
    whole = pretrain(recipe, tmp_path / "whole")

    def leave(event: Stage | Step) -> None:
        if isinstance(event, Step) and event.number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(recipe, tmp_path / "left", on_event=leave)
    Path(recipe["corpus"]["files"][0]).write_text("", encoding="utf-8")
    again = pretrain(recipe, tmp_path / "left", resume=True)
    assert (again.model / "model.safetensors").read_bytes() == (whole.model / "model.safetensors").read_bytes()


def test_a_run_that_is_done_is_saved_once_more_and_keeps_its_record(recipe: dict[str, Any], tmp_path: Path) -> None:
    pretrain(recipe, tmp_path / "run")
    before = (tmp_path / "run" / "results.json").read_text(encoding="utf-8")
    assert pretrain(recipe, tmp_path / "run", resume=True).steps == 8
    assert (tmp_path / "run" / "results.json").read_text(encoding="utf-8") == before
    with pytest.raises(TrainingError, match="holds a run already"):
        pretrain(recipe, tmp_path / "run")


def test_it_goes_on_from_any_decoder(recipe: dict[str, Any], tmp_path: Path, checkpoint: Any) -> None:
    onwards = changed({**recipe, "vocabulary": {"size": 0}, "model": {"name": "hub", "id": str(checkpoint("OPT"))}}, "pretrain")
    outcome = pretrain(onwards, tmp_path / "run")
    assert isinstance(outcome, Pretrained)
    assert hub.load(2, id=str(outcome.model)).net.config.model_type == "opt"


@pytest.mark.parametrize(
    ("section", "options", "error", "told"),
    [
        ("model", {"name": "hub", "id": "."}, RecipeError, "a vocabulary is to be learnt"),
        ("pretrain", {"row_tokens": 64}, ModelError, "row_tokens is 64"),
        ("pretrain", {"stepz": 3}, RecipeError, "cannot be followed"),
    ],
)
def test_what_cannot_be_followed_is_told(
    section: str, options: dict[str, Any], error: type[Exception], told: str, recipe: dict[str, Any], tmp_path: Path
) -> None:
    given = {**recipe, section: options} if "name" in options else changed(recipe, section, **options)
    with pytest.raises(error, match=told):
        pretrain(given, tmp_path / "run")


def test_checking_reads_nothing(recipe: dict[str, Any], tmp_path: Path) -> None:
    Path(recipe["corpus"]["files"][0]).unlink()
    assert check(recipe)["pretrain"].options["steps"] == 8
