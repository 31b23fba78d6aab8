"""The judgements that are allowed for are at least those that a training makes."""

from pathlib import Path

import pytest

from hatetinyllm.training.follow import train
from hatetinyllm.training.judgements import most_judgements
from hatetinyllm.training.loop import Step

RECIPE = {
    "data": {"name": "demo"},
    "split": {"name": "official"},
    "text": {"max_tokens": 16, "overlap_tokens": 4},
    "model": {"name": "scratch", "layers": 1, "width": 16, "heads": 2, "max_tokens": 32},
    "tuning": {"name": "head"},
}


@pytest.mark.parametrize(
    ("options", "rows", "judgements"),
    [
        ({}, 1000, 3),  # once an epoch, and there are three
        ({"epochs": 5}, 7, 5),
        ({"epochs": 2, "batch_size": 10, "judge_every": 7}, 100, 3),  # after 7, 14 and the last of 20 steps
        ({"epochs": 2, "batch_size": 10, "judge_every": 10}, 100, 2),
        ({"epochs": 1, "batch_size": 1000, "judge_every": 50}, 100, 1),
        ({"epochs": 1}, 0, 1),
    ],
)
def test_judgements_are_counted(options: dict[str, int], rows: int, judgements: int) -> None:
    assert most_judgements({"train": options, "model": {"name": "mistral-7b"}}, rows) == judgements


@pytest.mark.parametrize("judge_every", [0, 5])
def test_a_training_makes_no_more(tmp_path: Path, judge_every: int) -> None:
    recipe = {**RECIPE, "train": {"epochs": 2, "batch_size": 256, "judge_every": judge_every, "device": "cpu"}}
    judged: list[int] = []
    outcome = train(
        recipe, tmp_path / "run", on_event=lambda event: judged.append(1) if isinstance(event, Step) and event.dev else None
    )
    assert outcome.bundle.manifest.data is not None
    assert len(judged) == most_judgements(recipe, outcome.bundle.manifest.data.rows["train"])
