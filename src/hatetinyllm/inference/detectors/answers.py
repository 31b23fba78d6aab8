"""
What a detector of any kind is to whoever asks it: a name, an identity, and scores of the label it was asked about.

It does not say who is right: whether a score is high enough is the asker's to decide, by the detector's own thresholds
where it has some.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hatetinyllm.scores import Numbers
from hatetinyllm.types import Band

Told = Callable[[int], None]  # so many more texts are answered


@dataclass(frozen=True, kw_only=True)
class Answers:
    """One score a text, NaN where there is none; `reasons` says why there is none, by the place of the text."""

    scores: Numbers
    reasons: Mapping[int, str] = field(default_factory=dict)
    calls: tuple[bool | None, ...] | None = None  # its own decisions, of a detector that keeps its thresholds to itself


class Ask(Protocol):
    """How texts become answers; progress is told as they come."""

    def __call__(self, texts: Sequence[str], told: Told) -> Answers:
        """The answers in the order of the texts."""
        ...


@dataclass(frozen=True, kw_only=True)
class AnyDetector:
    """A detector that was opened, whatever it is."""

    kind: str
    name: str  # for people
    identity: str  # what tells it from another: a digest, a hub id and its commit, an address
    asked: str  # the label its scores are of, in its own words
    ask: Ask
    band: Band | None = None  # its own thresholds, where it has some
    mode: str | None = None  # whose thresholds these are
    learnt_from: str | None = None  # the dataset, where it says so
    notes: tuple[str, ...] = ()
