"""Rows as the loop reads them, and the order they come in: known for every epoch from the seed alone."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from hatetinyllm.text.encode import Encoder
from hatetinyllm.training.heads import Answers, answers_of
from hatetinyllm.types import Example, Head

POOL_BATCHES = 32  # so many batches are sorted by length together: little padding, still shuffled


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Encoded examples: every window of a text, in order, and the truth of the text."""

    examples: tuple[Example, ...]
    windows: tuple[tuple[tuple[int, ...], ...], ...]
    truth: Answers
    left_out: int  # rows that answer no head, and texts that are empty or beyond the limit
    cut: int  # texts longer than a window: training reads their beginning, judging all of it

    def __len__(self) -> int:
        return len(self.examples)


def encode_rows(examples: Sequence[Example], heads: Sequence[Head], encoder: Encoder) -> Rows:
    """Encode examples; those that answer no head, or that a detector would refuse to read, are left out and counted."""
    answering = [example for example in examples if any(example.labels.get(head.name) is not None for head in heads)]
    readable = [example for example in answering if len(example.text) <= encoder.settings.max_characters]
    encoded = encoder.encode_batch([example.text for example in readable])
    kept = [(example, found.windows) for example, found in zip(readable, encoded, strict=True) if found.windows]
    return Rows(
        examples=tuple(example for example, _ in kept),
        windows=tuple(tuple(window.ids for window in windows) for _, windows in kept),
        truth=answers_of([example for example, _ in kept], heads),
        left_out=len(examples) - len(kept),
        cut=sum(len(windows) > 1 for _, windows in kept),
    )


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
