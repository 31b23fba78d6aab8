"""Texts of like lengths in batches. No torch, for the engine that has none."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray


def batches_by_length(lengths: Iterable[int], batch_tokens: int) -> Iterator[NDArray[np.int64]]:
    """Indices in batches of like lengths, the longest first, each of at most `batch_tokens` tokens padded (or of one text)."""
    known = np.fromiter(lengths, dtype=np.int64)
    order = np.argsort(-known, kind="stable")
    first = 0
    while first < len(order):
        size = max(1, batch_tokens // max(1, int(known[order[first]])))
        yield order[first : first + size]
        first += size
