"""
Texts laid one behind the other in a single row: where each begins, and how attention parts them again.

Nothing is padded in the row. Attention works on buckets of texts of like length, each a block of its own; only there a text
is filled up to the longest of its bucket, and what is filled up is never read: it stands to the right, and attention looks left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SHORTEST_BUCKET = 16  # tokens; each bucket is for texts of up to twice the length of the one before


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

    @property
    def texts(self) -> int:
        """How many there are."""
        return len(self.last)

    @property
    def tokens(self) -> int:
        """Of all texts together."""
        return self.ids.shape[1]


def pack(windows: Sequence[Sequence[int] | NDArray[np.int32]], device: torch.device | str = "cpu") -> Packing:
    """Lay texts one behind the other, in their order."""
    lengths = np.array([len(window) for window in windows])
    ends = np.concatenate([[0], np.cumsum(lengths)])
    blocks, into, out_of = _blocks(lengths, ends)
    positions = np.arange(ends[-1]) - np.repeat(ends[:-1], lengths)
    ids = np.concatenate([np.asarray(window, dtype=np.int64) for window in windows])

    def there(numbers: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(numbers)).to(device)

    return Packing(
        ids=there(ids)[None],
        positions=there(positions)[None],
        last=there(ends[1:] - 1),
        blocks=blocks,
        into_blocks=None if len(into) == len(out_of) and (into == np.arange(len(into))).all() else there(into),
        out_of_blocks=None if len(into) == len(out_of) and (into == np.arange(len(into))).all() else there(out_of),
        ends=there(ends).int(),
        longest=int(lengths.max()),
    )


def _blocks(
    lengths: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[tuple[tuple[int, int], ...], NDArray[np.int64], NDArray[np.int64]]:
    """The buckets, the token at each of their places (a text's first where it is filled up), and the place of each token."""
    bucket = np.ceil(np.log2(np.maximum(lengths, SHORTEST_BUCKET))).astype(int)
    blocks, into, before = [], [], 0
    out_of = np.empty(ends[-1], dtype=np.int64)
    for kind in np.unique(bucket):
        texts = np.flatnonzero(bucket == kind)
        longest = int(lengths[texts].max())
        column = np.arange(longest)
        real = column < lengths[texts, None]
        token = np.where(real, ends[texts, None] + column, ends[texts, None])
        place = before + np.arange(token.size).reshape(token.shape)
        out_of[token[real]] = place[real]
        blocks.append((len(texts), longest))
        into.append(token.ravel())
        before += token.size
    return tuple(blocks), np.concatenate(into), out_of


def parts_of(lengths: Sequence[int], parts: int) -> list[range]:
    """Neighbours in at most so many parts of about as many tokens each, none of them empty."""
    total, bounds, done = sum(lengths), [0], 0
    for index, before in enumerate(accumulate(lengths)):
        if before >= total * (done + 1) / parts:
            bounds.append(index + 1)
            done = int(before * parts / total)
    return [range(first, end) for first, end in pairwise(bounds) if end > first]
