"""A task a tiny net can learn in seconds: is the word `nobody` (7) in the text?"""

import random

import pytest

from hatetinyllm.training.heads import answers_of
from hatetinyllm.training.rows import Rows
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
