"""Steps are as many as the loop takes, and parts of batches as large as it works them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.training.batches import batches_of_epoch, steps_of
from hatetinyllm.training.rehearsal import Block
from hatetinyllm.training.steps import Steps, foresee_steps, fullest_part

OPTIONS = {"batch_size": 8, "batch_tokens": 0, "parts": 1, "epochs": 3}
LENGTHS = [5 + (7 * index) % 61 for index in range(1000)]


def foreseen(rows: int = 1000, mean: float = sum(LENGTHS) / 1000, **options: Any) -> Steps:
    return foresee_steps({**OPTIONS, **options}, rows, mean)


def test_by_texts_the_steps_are_known() -> None:
    found = foreseen(100, 20.4)
    assert (found.number, found.texts, found.tokens, found.estimated) == (13 * 3, 8, 8 * 20.4, False)
    assert found.part == Block(texts=8, tokens=20)


@pytest.mark.parametrize("batch_tokens", [64, 200, 1000, 2500])
def test_by_tokens_they_are_near_those_that_are_taken(batch_tokens: int) -> None:
    found = foreseen(batch_tokens=batch_tokens)
    taken = steps_of(LENGTHS, 8, 3, seed=1, batch_tokens=batch_tokens)
    assert found.estimated
    assert 0.9 < found.number / taken < 1.1
    assert found.tokens == pytest.approx(3 * sum(LENGTHS) / found.number, rel=0.02)


def test_a_part_is_no_less_than_a_text() -> None:
    assert foreseen(parts=3).part.texts == 3
    assert (foreseen(parts=100).parts, foreseen(parts=100).part.texts) == (8, 1)
    assert foreseen(batch_tokens=1, mean=20.0).part == Block(texts=1, tokens=20)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=200), st.integers(1, 300))
def test_no_batch_has_more_tokens_than_the_fullest(lengths: list[int], batch_tokens: int) -> None:
    most = fullest_part({**OPTIONS, "batch_tokens": batch_tokens}, 50)
    for batch in batches_of_epoch(lengths, 8, seed=0, epoch=0, batch_tokens=batch_tokens):
        assert sum(lengths[row] for row in batch) <= most.texts * most.tokens


def test_the_fullest_part_holds_no_more_than_the_budget_but_for_rounding() -> None:
    assert fullest_part({**OPTIONS, "parts": 4}, 50) == Block(texts=2, tokens=50)
    assert fullest_part({**OPTIONS, "batch_tokens": 1000}, 50) == Block(texts=20, tokens=50)
    assert fullest_part({**OPTIONS, "batch_tokens": 1000, "parts": 3}, 50) == Block(texts=7, tokens=48)
    assert fullest_part({**OPTIONS, "batch_tokens": 30}, 50) == Block(texts=1, tokens=50)
