"""
Texts that attention works together: neighbours in a row, one product for all of them.

A small product costs more to ask for than to do, so short neighbours share one, and what one would see of another is barred.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

TOKENS = 64  # of texts that are worked together where every token asks: what is barred is worked for nothing
TOKENS_OF_LAST = 1024  # and where only the last one of each text does


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some neighbours."""

    asks: slice  # rows of queries
    asked: slice  # rows of keys and values
    barred: Tensor  # 0 where a query may look, else minus infinity


def groups_of(ends: Sequence[int]) -> tuple[Group, ...]:
    """Every token asks those of its text up to itself; the texts end at `ends`, which begin with 0."""
    return tuple(
        Group(asks=(own := slice(ends[first], ends[end])), asked=own, barred=_barred(np.tril(_owned(ends, first, end))))
        for first, end in _together(ends, TOKENS)
    )


def groups_of_last(ends: Sequence[int]) -> tuple[Group, ...]:
    """The last token of each text asks all of its text; a query has a row a text."""
    return tuple(
        Group(
            asks=slice(first, end),
            asked=slice(ends[first], ends[end]),
            barred=_barred(_owned(ends, first, end)[np.array(ends[first + 1 : end + 1]) - ends[first] - 1]),
        )
        for first, end in _together(ends, TOKENS_OF_LAST)
    )


def _together(ends: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    """The first text of each group and the one after its last; a text that is too long is alone."""
    first = 0
    for text in range(1, len(ends) - 1):
        if ends[text + 1] - ends[first] > most:
            yield first, text
            first = text
    yield first, len(ends) - 1


def _owned(ends: Sequence[int], first: int, end: int) -> np.ndarray:
    """For each pair of tokens of some texts, whether they are of the same one."""
    text = np.arange(first, end).repeat(np.diff(ends[first : end + 1]))
    return np.equal.outer(text, text)


def _barred(seen: np.ndarray) -> Tensor:
    return torch.from_numpy(np.where(seen, np.float32(0), np.float32(-np.inf)))
