"""The order of texts: every row once an epoch, known from the seed, like lengths together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.training.batches import batches_after, batches_of_epoch, steps_of

lengths_of = st.lists(st.integers(1, 50), min_size=1, max_size=200)


@given(lengths_of, st.integers(1, 20), st.integers(0, 3), st.integers(0, 3))
def test_every_row_comes_once_an_epoch(lengths: list[int], size: int, seed: int, epoch: int) -> None:
    batches = batches_of_epoch(lengths, size, seed=seed, epoch=epoch)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert len(batches) == steps_of(lengths, size, 1)
    assert max(len(batch) for batch in batches) <= size


@given(lengths_of, st.integers(1, 20), st.integers(1, 3), st.data())
def test_what_comes_after_a_step_is_what_an_uninterrupted_run_would_see(
    lengths: list[int], size: int, epochs: int, data: st.DataObject
) -> None:
    whole = list(batches_after(0, lengths, size, epochs, seed=1))
    assert len(whole) == steps_of(lengths, size, epochs)
    done = data.draw(st.integers(0, len(whole)))
    assert list(batches_after(done, lengths, size, epochs, seed=1)) == whole[done:]


def test_epochs_and_seeds_differ() -> None:
    lengths = list(range(1, 101))
    orders = [batches_of_epoch(lengths, 8, seed=seed, epoch=epoch) for seed, epoch in ((1, 0), (1, 1), (2, 0))]
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_like_lengths_stand_together() -> None:
    lengths = [index % 50 + 1 for index in range(512)]
    batches = batches_of_epoch(lengths, 8, seed=1, epoch=0)
    padded = sum(len(batch) * max(lengths[row] for row in batch) for batch in batches)
    assert padded / sum(lengths) == pytest.approx(1, abs=0.1)
