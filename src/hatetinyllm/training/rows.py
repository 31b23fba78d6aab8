"""Rows as the loop reads them: encoded examples, and the truth of each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.models.readout import Window
from hatetinyllm.text.encode import Encoder
from hatetinyllm.training.heads import Answers, answers_of
from hatetinyllm.training.tokens import write_tokens
from hatetinyllm.types import Example, Head


class Texts(Protocol):
    """The windows of each text, by its place; they need not be in memory."""

    def __len__(self) -> int: ...
    def __getitem__(self, text: int, /) -> Sequence[Window]: ...
    def __iter__(self) -> Iterator[Sequence[Window]]: ...


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Encoded examples: every window of a text, in order, and the truth of the text."""

    examples: tuple[Example, ...]
    windows: Texts
    truth: Answers
    left_out: int  # rows that answer no head, and texts that are empty or beyond the limit
    cut: int  # texts longer than a window: training reads their beginning, judging all of it

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def lengths(self) -> list[int]:
        """Tokens of each row's first window, which is what training reads."""
        return [len(windows[0]) for windows in self.windows]


class Flat:
    """Every window of some rows, one behind the other; each is looked up when it is asked for."""

    def __init__(self, texts: Texts, rows: Iterable[int]) -> None:
        self._texts = texts
        self._rows = np.fromiter(rows, dtype=np.int64)
        self.counts: NDArray[np.int64] = np.fromiter((len(texts[row]) for row in self._rows), np.int64, len(self._rows))
        self._ends = np.cumsum(self.counts)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, window: int, /) -> Window:
        if not 0 <= window < len(self):
            raise IndexError(window)
        at = np.searchsorted(self._ends, window, side="right")
        return self._texts[int(self._rows[at])][int(window - self._ends[at])]  # counted from the row's end


def encode_rows(examples: Sequence[Example], heads: Sequence[Head], encoder: Encoder, *, folder: Path | None = None) -> Rows:
    """
    Encode examples; those that answer no head, or that a detector would refuse to read, are left out and counted.

    What was encoded is put aside in a file without a name, in this folder or where the system keeps such files.
    """
    answering = [example for example in examples if any(example.labels.get(head.name) is not None for head in heads)]
    readable = [example for example in answering if len(example.text) <= encoder.settings.max_characters]
    tokens = write_tokens((example.text for example in readable), encoder, folder=folder)
    kept = tuple(example for example, count in zip(readable, tokens.counts, strict=True) if count)
    return Rows(
        examples=kept,
        windows=tokens.readable(),
        truth=answers_of(kept, heads),
        left_out=len(examples) - len(kept),
        cut=int((tokens.counts > 1).sum()),
    )
