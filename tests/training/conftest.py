"""A task a tiny net can learn in seconds: is the word `nobody` (7) in the text?"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.training.bench import Bench, bench_of
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.goals import goals_of
from hatetinyllm.training.heads import answers_of
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def make_rows(count: int, seed: int, heads: tuple[Head, ...] = (HATE,)) -> Rows:
    chance = random.Random(seed)
    examples, windows = [], []
    for index in range(count):
        ids = [chance.choice([3, 4, 5, 6, 8, 9, 10, 11]) for _ in range(chance.randint(2, 9))]
        hateful = index % 2 == 0
        if hateful:
            ids[chance.randrange(len(ids))] = 7
        labels = {"hate": ("hate" if hateful else "not_hate",), "target": ("women",) if hateful else ()}
        examples.append(Example(text="made up", id=str(index), labels=labels))
        windows.append((tuple(ids),))
    return Rows(examples=tuple(examples), windows=tuple(windows), truth=answers_of(examples, heads), left_out=0, cut=0)


@pytest.fixture
def rows() -> Rows:
    return make_rows(64, seed=1)


@pytest.fixture
def dev() -> Rows:
    return make_rows(40, seed=2)


PLAIN: dict[str, Any] = {
    "learning_rate": 1e-2,
    "weight_decay": 0.0,
    "layer_rate": 1.0,
    "focal": 0.0,
    "clip_norm": 0.0,
    "precision": "fp32",
    "recompute": False,
    "frozen_blocks": 0,
    "layout": "packed",
    "device": "cpu",
}


@contextmanager
def bench_for(tuned: Tuned, rows: Rows, *, smoothing: float = 0.0, **options: object) -> Iterator[Bench]:
    goals = goals_of(rows.truth, [HATE], balanced=True, smoothing=smoothing)
    with bench_of(tuned, rows, [HATE], Checkpoints(Path("none"), {}), goals=goals, **{**PLAIN, **options}) as made:
        yield made


@pytest.fixture
def bench() -> Callable[..., AbstractContextManager[Bench]]:
    """A tuned net made ready to learn, with plain options but for those that are given."""
    return bench_for
