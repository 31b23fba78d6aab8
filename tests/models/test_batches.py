"""Batches hold texts of like lengths."""

from hatetinyllm.models.batches import batches_by_length


def test_batches_hold_like_lengths_and_every_index_once() -> None:
    batches = [batch.tolist() for batch in batches_by_length([5, 1, 9, 2, 2, 100], batch_tokens=10)]
    assert sorted(index for batch in batches for index in batch) == [0, 1, 2, 3, 4, 5]
    assert batches == [[5], [2], [0, 3], [4, 1]]
