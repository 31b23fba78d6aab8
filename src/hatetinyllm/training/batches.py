"""The order rows come in: known for every epoch from the seed alone."""

import math
from collections.abc import Iterator, Sequence

import torch

POOL_BATCHES = 32  # so many batches are sorted by length together: little padding, still shuffled


def batches_of_epoch(lengths: Sequence[int], batch_size: int, *, seed: int, epoch: int) -> list[list[int]]:
    """The batches of one epoch: every row once, shuffled, with like lengths together where chance allows."""
    chance = torch.Generator().manual_seed((seed << 20) + epoch)
    order = torch.randperm(len(lengths), generator=chance).tolist()
    pool = batch_size * POOL_BATCHES
    batches = []
    for start in range(0, len(order), pool):
        near = sorted(order[start : start + pool], key=lambda row: lengths[row])
        batches += [near[first : first + batch_size] for first in range(0, len(near), batch_size)]
    return [batches[index] for index in torch.randperm(len(batches), generator=chance).tolist()]


def steps_of(lengths: Sequence[int], batch_size: int, epochs: int) -> int:
    """How many batches all epochs have."""
    return math.ceil(len(lengths) / batch_size) * epochs


def batches_after(
    done: int, lengths: Sequence[int], batch_size: int, epochs: int, *, seed: int
) -> Iterator[tuple[int, list[int]]]:
    """Epoch and rows of every batch that comes after the first `done` ones: what a resumed run has still to do."""
    per_epoch = steps_of(lengths, batch_size, 1)
    for epoch in range(done // per_epoch, epochs):
        order = batches_of_epoch(lengths, batch_size, seed=seed, epoch=epoch)
        skipped = max(0, done - epoch * per_epoch)
        yield from ((epoch, batch) for batch in order[skipped:])
