"""The order of texts: every row once an epoch, known from the seed, like lengths together, no batch beyond its budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.training.batches import batches_after, batches_of_epoch, epoch_ends, steps_of

lengths_of = st.lists(st.integers(1, 50), min_size=1, max_size=200)
tokens_of = st.just(0) | st.integers(1, 120)


@given(lengths_of, st.integers(1, 20), tokens_of, st.integers(0, 3), st.integers(0, 3))
def test_every_row_comes_once_an_epoch(lengths: list[int], size: int, tokens: int, seed: int, epoch: int) -> None:
    batches = batches_of_epoch(lengths, size, seed=seed, epoch=epoch, batch_tokens=tokens)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    ends = epoch_ends(lengths, size, epoch + 1, seed=seed, batch_tokens=tokens)
    assert len(batches) == ends[-1] - (ends[-2] if epoch else 0)
    assert all(batches)
    if not tokens:
        assert max(len(batch) for batch in batches) <= size


@given(lengths_of, st.integers(1, 120), st.integers(0, 3))
def test_a_budget_of_tokens_is_kept_by_all_but_a_text_that_is_longer(lengths: list[int], tokens: int, seed: int) -> None:
    batches = batches_of_epoch(lengths, 8, seed=seed, epoch=0, batch_tokens=tokens)
    assert all(len(batch) == 1 or sum(lengths[row] for row in batch) <= tokens for batch in batches)


@given(st.integers(1, 300), st.integers(10, 60))
def test_batches_by_tokens_are_as_even_as_they_can_be(count: int, tokens: int) -> None:
    sizes = [len(batch) for batch in batches_of_epoch([1] * count, 8, seed=1, epoch=0, batch_tokens=tokens)]
    assert len(sizes) == -(-count // tokens)
    assert min(sizes) > max(sizes) - len(sizes)  # the last one lacks no more than one text of every other


@given(lengths_of, st.integers(1, 20), tokens_of, st.integers(1, 3), st.data())
def test_what_comes_after_a_step_is_what_an_uninterrupted_run_would_see(
    lengths: list[int], size: int, tokens: int, epochs: int, data: st.DataObject
) -> None:
    whole = list(batches_after(0, lengths, size, epochs, seed=1, batch_tokens=tokens))
    assert len(whole) == steps_of(lengths, size, epochs, seed=1, batch_tokens=tokens)
    ends = epoch_ends(lengths, size, epochs, seed=1, batch_tokens=tokens)
    assert [whole[end - 1][0] for end in ends] == list(range(epochs))
    done = data.draw(st.integers(0, len(whole)))
    assert list(batches_after(done, lengths, size, epochs, seed=1, batch_tokens=tokens)) == whole[done:]


@pytest.mark.parametrize("tokens", [0, 400])
def test_epochs_and_seeds_differ(tokens: int) -> None:
    lengths = list(range(1, 101))
    orders = [
        batches_of_epoch(lengths, 8, seed=seed, epoch=epoch, batch_tokens=tokens) for seed, epoch in ((1, 0), (1, 1), (2, 0))
    ]
    assert orders[0] != orders[1] != orders[2] != orders[0]


@pytest.mark.parametrize("tokens", [0, 200])
def test_like_lengths_stand_together(tokens: int) -> None:
    lengths = [index % 50 + 1 for index in range(512)]
    batches = batches_of_epoch(lengths, 8, seed=1, epoch=0, batch_tokens=tokens)
    padded = sum(len(batch) * max(lengths[row] for row in batch) for batch in batches)
    assert padded / sum(lengths) == pytest.approx(1, abs=0.1)


def test_the_order_of_batches_of_so_many_texts_is_what_it_ever_was() -> None:
    assert batches_of_epoch([3, 1, 2, 5, 4, 1, 2], 3, seed=7, epoch=1) == [[6, 0, 4], [5, 1, 2], [3]]
