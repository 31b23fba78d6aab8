"""Rows as the loop reads them: encoded examples, and the truth of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hatetinyllm.text.encode import Encoder
from hatetinyllm.training.heads import Answers, answers_of
from hatetinyllm.types import Example, Head


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

    @cached_property
    def lengths(self) -> list[int]:
        """Tokens of each row's first window, which is what training reads."""
        return [len(windows[0]) for windows in self.windows]


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
