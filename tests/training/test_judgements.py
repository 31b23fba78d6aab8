"""The judgements that are allowed for are at least those that a training makes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.training.batches import batches_of_epoch
from hatetinyllm.training.follow import train
from hatetinyllm.training.judgements import most_batches, most_judgements
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
        ({"epochs": 2, "batch_tokens": 1}, 100, 2),
        ({"epochs": 2, "batch_tokens": 1, "judge_every": 50}, 100, 4),  # no batch is less than a row
    ],
)
def test_judgements_are_counted(options: dict[str, int], rows: int, judgements: int) -> None:
    assert most_judgements({"train": options, "model": {"name": "mistral-7b"}}, rows) == judgements


@given(st.lists(st.integers(1, 30), min_size=1, max_size=400), st.integers(1, 200), st.integers(0, 5))
def test_no_budget_of_tokens_makes_more_batches(lengths: list[int], batch_tokens: int, seed: int) -> None:
    made = batches_of_epoch(lengths, 8, seed=seed, epoch=0, batch_tokens=batch_tokens)
    assert len(made) <= most_batches(len(lengths), longest=max(lengths), batch_tokens=batch_tokens) <= len(lengths)


@pytest.mark.parametrize("judge_every", [0, 5])
def test_a_training_makes_no_more(tmp_path: Path, judge_every: int) -> None:
    recipe = {**RECIPE, "train": {"epochs": 2, "batch_size": 256, "judge_every": judge_every, "device": "cpu"}}
    judged: list[int] = []
    outcome = train(
        recipe, tmp_path / "run", on_event=lambda event: judged.append(1) if isinstance(event, Step) and event.dev else None
    )
    assert outcome.bundle.manifest.data is not None
    assert len(judged) == most_judgements(recipe, outcome.bundle.manifest.data.rows["train"])


def test_by_tokens_a_training_makes_no_more_than_the_bound(tmp_path: Path) -> None:
    recipe = {**RECIPE, "train": {"epochs": 2, "batch_tokens": 4000, "judge_every": 3, "device": "cpu"}}
    judged: list[int] = []
    outcome = train(
        recipe, tmp_path / "run", on_event=lambda event: judged.append(1) if isinstance(event, Step) and event.dev else None
    )
    assert outcome.bundle.manifest.data is not None
    assert 2 < len(judged) <= most_judgements(recipe, outcome.bundle.manifest.data.rows["train"])
