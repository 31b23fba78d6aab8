"""
The order rows come in: known for every epoch from the seed alone, whatever the number of processes that share a batch.

A batch has so many texts or, where `batch_tokens` says, so many tokens; how many steps that makes may differ by epoch then.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np
import torch
from numpy.typing import NDArray

POOL_BATCHES = 32  # so many batches are sorted by length together: little padding, still shuffled

Numbers = NDArray[np.int64]


def batches_of_epoch(lengths: Sequence[int], batch_size: int, *, seed: int, epoch: int, batch_tokens: int = 0) -> list[list[int]]:
    """The batches of one epoch: every row once, shuffled, with like lengths together where chance allows."""
    chance = torch.Generator().manual_seed((seed << 20) + epoch)
    order = torch.randperm(len(lengths), generator=chance).numpy()
    known = np.asarray(lengths, dtype=np.int64)
    batches: list[list[int]] = []
    for pool in _pools(order, known, batch_size, batch_tokens):
        near = pool[known[pool].argsort(kind="stable")]
        bounds = _even_cuts(known[near], batch_tokens) if batch_tokens else [*range(0, len(near), batch_size), len(near)]
        batches += [near[first:end].tolist() for first, end in pairwise(bounds)]
    return [batches[index] for index in torch.randperm(len(batches), generator=chance).tolist()]


def epoch_ends(lengths: Sequence[int], batch_size: int, epochs: int, *, seed: int = 0, batch_tokens: int = 0) -> list[int]:
    """The step at the end of each epoch."""
    if not batch_tokens:
        return [math.ceil(len(lengths) / batch_size) * (epoch + 1) for epoch in range(epochs)]
    made = (batches_of_epoch(lengths, batch_size, seed=seed, epoch=epoch, batch_tokens=batch_tokens) for epoch in range(epochs))
    return list(accumulate(map(len, made)))


def steps_of(lengths: Sequence[int], batch_size: int, epochs: int, *, seed: int = 0, batch_tokens: int = 0) -> int:
    """How many batches all epochs have."""
    return epoch_ends(lengths, batch_size, epochs, seed=seed, batch_tokens=batch_tokens)[-1]


def batches_after(
    done: int, lengths: Sequence[int], batch_size: int, epochs: int, *, seed: int, batch_tokens: int = 0
) -> Iterator[tuple[int, list[int]]]:
    """Epoch and rows of every batch that comes after the first `done` ones: what a resumed run has still to do."""
    for epoch, end in enumerate(epoch_ends(lengths, batch_size, epochs, seed=seed, batch_tokens=batch_tokens)):
        if done < end:
            order = batches_of_epoch(lengths, batch_size, seed=seed, epoch=epoch, batch_tokens=batch_tokens)
            yield from ((epoch, batch) for batch in order[len(order) - (end - done) :])
            done = end


def _pools(order: Numbers, known: Numbers, batch_size: int, batch_tokens: int) -> list[Numbers]:
    """Rows in their order, as many together as make up some batches."""
    if not batch_tokens:
        size = batch_size * POOL_BATCHES
        return [order[first : first + size] for first in range(0, len(order), size)]
    before = known[order].cumsum() - known[order]
    return np.split(order, np.flatnonzero(np.diff(before // (batch_tokens * POOL_BATCHES))) + 1)


def _even_cuts(lengths: Numbers, most: int) -> list[int]:
    """As few cuts as batches of at most so many tokens need, and the batches as even as that allows: no tiny one is left over."""
    ends = np.concatenate([[0], lengths.cumsum()])
    bounds = _cuts(ends, most)
    least = int(ends[-1]) // max(1, len(bounds) - 1)
    while least < most:
        middle = (least + most) // 2
        found = _cuts(ends, middle)
        if len(found) > len(bounds):
            least = middle + 1
        else:
            bounds, most = found, middle
    return bounds


def _cuts(ends: Numbers, most: int) -> list[int]:
    """Where batches begin and end that take as many rows as go into so many tokens, and one row at least."""
    bounds = [0]
    while bounds[-1] < len(ends) - 1:
        first = bounds[-1]
        bounds.append(max(first + 1, int(ends.searchsorted(ends[first] + most, side="right")) - 1))
    return bounds
