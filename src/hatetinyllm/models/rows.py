"""
Texts laid in rows of equal length, several in one where they fit: what a net that is worked on the grid reads.

No text sees its neighbour. Where in its row a text stands changes nothing, since Llama's positions are angles between tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

STEP = 64  # a row's length is a multiple of it, so that few shapes of blocks are made
PAD_ID = 0  # any id will do: nothing sees it

Window = Sequence[int] | NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A grid of ids, which text each place belongs to (-1: none), and where in the flattened grid each text ends."""

    ids: Tensor  # (B, L)
    texts: Tensor  # (B, L)
    last: Tensor  # (texts,)

    def bars(self) -> Tensor:
        """What keeps tokens from other texts and from what comes after them, (B, 1, L, L); padding sees itself."""
        length = self.ids.shape[1]
        own = self.texts[:, :, None] == self.texts[:, None, :]
        own &= torch.ones(length, length, dtype=torch.bool, device=own.device).tril()
        return torch.zeros(own.shape, device=own.device).masked_fill_(~own, -torch.inf)[:, None]


def lay_in_rows(windows: Sequence[Window], device: torch.device | str = "cpu") -> Grid:
    """The longest first, each into the first row that has room for it."""
    lengths = [len(window) for window in windows]
    length = -(-max(lengths) // STEP) * STEP
    filled: list[int] = []
    places: list[tuple[int, int]] = [(0, 0)] * len(windows)
    for index in sorted(range(len(windows)), key=lambda index: -lengths[index]):
        row = next((row for row, end in enumerate(filled) if end + lengths[index] <= length), len(filled))
        if row == len(filled):
            filled.append(0)
        places[index] = (row, filled[row])
        filled[row] += lengths[index]
    ids = np.full((len(filled), length), PAD_ID, dtype=np.int64)
    texts = np.full((len(filled), length), -1, dtype=np.int64)
    for index, (row, first) in enumerate(places):
        ids[row, first : first + lengths[index]] = windows[index]
        texts[row, first : first + lengths[index]] = index
    last = [row * length + first + lengths[index] - 1 for index, (row, first) in enumerate(places)]
    return Grid(
        ids=torch.from_numpy(ids).to(device), texts=torch.from_numpy(texts).to(device), last=torch.tensor(last).to(device)
    )
