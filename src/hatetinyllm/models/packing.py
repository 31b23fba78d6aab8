"""
Texts laid one behind the other in a single row: where each begins, and how attention parts them again.

Nothing is padded in the row. Attention works on buckets of texts of like length, each a block of its own; only there a text
is filled up to the longest of its bucket, and what is filled up is never read: it stands to the right, and attention looks left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hatetinyllm.models.groups import Group, groups_of, groups_of_last

BUCKETS = 16 << np.arange(32)  # tokens; each is for texts longer than the one before allows, and no longer than this


@dataclass(frozen=True, kw_only=True)
class Packing:
    """How texts stand in one row; the tensors lie where the net is."""

    ids: Tensor  # (1, T)
    positions: Tensor  # (1, T), each text from 0
    last: Tensor  # (B,), where the last token of each text stands
    blocks: tuple[tuple[int, int], ...]  # texts and tokens of each bucket
    into_blocks: Tensor | None  # for each place of the buckets the token that stands there; None where the row is one block
    out_of_blocks: Tensor | None  # for each token its place in the buckets
    ends: Tensor  # (B + 1,) 32-bit, where the texts end, from 0
    longest: int
    entering: Tensor | None = None  # (1, T, width), what enters the lowest block that is to be worked; None where all are

    @property
    def texts(self) -> int:
        """How many there are."""
        return len(self.last)

    @property
    def tokens(self) -> int:
        """Of all texts together."""
        return self.ids.shape[1]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Of texts that attention works together, made once for all blocks."""
        return groups_of(self.ends.tolist())

    @cached_property
    def groups_of_last(self) -> tuple[Group, ...]:
        """The same where only the last token of each text asks."""
        return groups_of_last(self.ends.tolist())


def pack(windows: Sequence[Sequence[int] | NDArray[np.int32]], device: torch.device | str = "cpu") -> Packing:
    """Lay texts one behind the other, in their order."""
    lengths = np.fromiter(map(len, windows), dtype=np.int64, count=len(windows))
    assert lengths.size, "there is a text to pack"
    assert lengths.min() > 0, "a text has a token, its last one"
    ends = lengths.cumsum()
    begins, tokens = ends - lengths, np.arange(ends[-1])
    blocks, into, out_of = _blocks(lengths, begins, tokens)
    in_place = len(into) == len(out_of) and bool((out_of == tokens).all())
    numbers = [
        np.concatenate([np.asarray(window) for window in windows]),
        tokens - begins.repeat(lengths),
        ends - 1,
        np.append(begins, ends[-1]),
        *(() if in_place else (into, out_of)),
    ]
    laid = torch.from_numpy(np.concatenate(numbers, dtype=np.int64)).to(device)  # in one go: a card is slow to be asked
    ids, positions, last, bounds, *moves = torch.split(laid, [len(part) for part in numbers])
    return Packing(
        ids=ids[None],
        positions=positions[None],
        last=last,
        blocks=blocks,
        into_blocks=moves[0] if moves else None,
        out_of_blocks=moves[1] if moves else None,
        ends=bounds.int(),
        longest=int(lengths.max()),
    )


def _blocks(
    lengths: NDArray[np.int64], begins: NDArray[np.int64], tokens: NDArray[np.int64]
) -> tuple[tuple[tuple[int, int], ...], NDArray[np.int64], NDArray[np.int64]]:
    """The buckets, the token at each of their places (a text's first where it is filled up), and the place of each token."""
    bucket = BUCKETS.searchsorted(lengths)
    order = bucket.argsort(kind="stable")  # of the texts, bucket by bucket
    counts = np.bincount(bucket)
    counts = counts[counts > 0]
    widths = np.maximum.reduceat(lengths[order], counts.cumsum() - counts)
    width = widths.repeat(counts)  # of each text, in that order
    place = np.empty_like(begins)
    place[order] = width.cumsum() - width
    out_of = tokens + (place - begins).repeat(lengths)
    into = begins[order].repeat(width)
    into[out_of] = tokens
    return tuple(zip(counts.tolist(), widths.tolist(), strict=True)), into, out_of


def parts_of(lengths: Sequence[int], parts: int) -> list[range]:
    """Neighbours in at most so many parts of about as many tokens each, none of them empty."""
    total, bounds, done = sum(lengths), [0], 0
    for index, before in enumerate(accumulate(lengths)):
        if before >= total * (done + 1) / parts:
            bounds.append(index + 1)
            done = int(before * parts / total)
    return [range(first, end) for first, end in pairwise(bounds) if end > first]
