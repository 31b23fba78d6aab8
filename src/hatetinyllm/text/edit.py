"""Edits of a text that keep the way back: every character knows which of the original's characters it came from."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, kw_only=True)
class Normalised:
    """A text in normal form; character `i` came from the original's characters `starts[i]` to `ends[i]`."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The range of original characters that a range of normalised ones came from."""
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"no range {start} to {end} in {len(self.text)} characters")
        if start == end:
            at = self.starts[start] if start < len(self.text) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]


class Edit(NamedTuple):
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


Step = Callable[[str], Iterable[Edit]]


def untouched(text: str) -> Normalised:
    """A text as it is."""
    return Normalised(text=text, starts=tuple(range(len(text))), ends=tuple(range(1, len(text) + 1)))


def edited(found: Normalised, edits: Iterable[Edit]) -> Normalised:
    """The text after edits, which stand in order and do not overlap."""
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for edit in edits:
        texts += (found.text[done : edit.start], edit.text)
        starts += found.starts[done : edit.start]
        ends += found.ends[done : edit.start]
        starts += [found.starts[edit.start]] * len(edit.text)
        ends += [found.ends[edit.end - 1]] * len(edit.text)
        done = edit.end
    texts.append(found.text[done:])
    starts += found.starts[done:]
    ends += found.ends[done:]
    return Normalised(text="".join(texts), starts=tuple(starts), ends=tuple(ends))


def replaced(start: int, old: str, new: str) -> Iterator[Edit]:
    """The edits that turn a piece of the text into another of the same length, a character each."""
    for place, (before, after) in enumerate(zip(old, new, strict=True), start):
        if before != after:
            yield Edit(place, place + 1, after)
