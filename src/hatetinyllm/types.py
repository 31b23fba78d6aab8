"""
The nouns that travel between packages: frozen, keyword-only, and true by construction.

Example -> Splits go in, Verdict and Result come out; Choice names a registered part and its options. The annotated
numbers (Count, Share, ...) are what a recipe's options are made of: a signature states the range, the recipe keeps it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

PARTS = ("train", "dev", "test")
TOLD_APART = ("en",)  # languages that a text can be found not to be in


@dataclass(frozen=True, kw_only=True)
class Range:
    """The numbers an option may take; `low` itself is out where it is `open`, `high` where it is `below`."""

    low: float
    high: float | None = None
    open: bool = False
    below: bool = False

    def __str__(self) -> str:
        if self.high is not None and self.below:
            return f"from {self.low:,g} to below {self.high:,g}"
        if self.high is not None:
            return f"from {self.low:,g} to {self.high:,}"
        return f"above {self.low:g}" if self.open else f"{self.low:g} or more"


Count = Annotated[int, Range(low=1)]
Whole = Annotated[int, Range(low=0)]
Share = Annotated[float, Range(low=0, high=1)]
LesserShare = Annotated[float, Range(low=0, high=1, below=True)]  # never all of it
Positive = Annotated[float, Range(low=0, open=True)]
Seed = Annotated[int, Range(low=0, high=2**31 - 1)]
NonNegative = Annotated[float, Range(low=0)]


@dataclass(frozen=True, kw_only=True)
class Example:
    """
    One text and what is known of it.

    `labels` answers schemes by name, `{"hate": ("hate",), "target": ("women", "muslims")}`: a scheme that is missing
    was not asked by the source, an empty answer was asked and means none of them.
    """

    text: str
    id: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str = "en"
    round: str | None = None
    perturbed: bool | None = None  # made by editing its partner, where the source records that
    partners: tuple[str, ...] = ()  # ids of the rows it was made from or that were made from it
    group: str | None = None  # rows of one group are kin: a fair split never parts them
    slice: str | None = None  # the functional test it belongs to
    mentions: tuple[str, ...] = ()  # the people it names, attacked or not, in words of the target scheme
    spans: tuple[tuple[int, int], ...] | None = None  # character ranges an annotator marked, end exclusive
    context: str | None = None  # the message it answers
    score: float | None = None  # what another system said of it, kept for comparison
    line: int | None = None  # where it stands in the source file

    @property
    def label(self) -> str | None:
        """The headline answer, or None where the source does not say."""
        return next(iter(self.labels.get("hate", ())), None)


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that was set aside: where it stands and why. Never its text."""

    line: int
    reason: str
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Examples in three parts, how they were parted, and what a reader of a result must know about them."""

    name: str
    train: tuple[Example, ...] = ()
    dev: tuple[Example, ...] = ()
    test: tuple[Example, ...] = ()
    scheme: str = "hate"  # the question this data set is about
    how: str = "official"
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)  # path as read -> sha256
    licences: tuple[str, ...] = ()  # licence ids, as in data/licence.py

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for example in self.rows():
            if example.id in seen:
                raise ValueError(f"{self.name}: id {example.id!r} stands twice")
            seen.add(example.id)

    def rows(self) -> Iterator[Example]:
        """All rows: train, then dev, then test."""
        for part in PARTS:
            yield from self.part(part)

    def part(self, name: str) -> tuple[Example, ...]:
        """The rows of one part by its name."""
        return {"train": self.train, "dev": self.dev, "test": self.test}[name]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A registered name and all its options, defaults included: enough to make the same thing again."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Head:
    """A question the model answers: its labels in the order of the logits, and the one a score speaks of."""

    name: str
    labels: tuple[str, ...]
    positive: str | None = None
    many: bool = False  # several labels may hold at once

    def __post_init__(self) -> None:
        if len(self.labels) < 1 + (not self.many):
            raise ValueError(f"head {self.name!r} needs more labels than {self.labels}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"head {self.name!r} names a label twice: {self.labels}")
        if self.positive is not None and self.positive not in self.labels:
            raise ValueError(f"head {self.name!r} has no label {self.positive!r} to be positive")

    @property
    def binary(self) -> bool:
        """One of two labels: the case thresholds are made for."""
        return len(self.labels) == 2 and not self.many


@dataclass(frozen=True, kw_only=True)
class Band:
    """The scores a mode leaves undecided: from `high` on positive, below `low` negative, between them no label."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1:
            raise ValueError(f"a band needs 0 <= low <= high <= 1, got {self.low} and {self.high}")


class Reason(StrEnum):
    """Why a verdict has the label it has."""

    MODEL = "model"  # the model's guess stands, however near the threshold
    THRESHOLD = "threshold"  # the mode's threshold overrules the guess
    ABSTAIN = "abstain"  # the score lies in the mode's band of doubt: no label, left to people
    EMPTY_TEXT = "empty_text"  # nothing is left to read: no guess
    NOT_TEXT = "not_text"  # the input was not a string: no guess
    TOO_LARGE = "too_large"  # longer than the stated limit: no guess
    LANGUAGE = "language"  # in a language the bundle is not for: no guess


REFUSALS = frozenset({Reason.EMPTY_TEXT, Reason.NOT_TEXT, Reason.TOO_LARGE, Reason.LANGUAGE})


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the model said (`guess`, `score`), what we answer (`label`), and why (`reason`, by the thresholds of `mode`)."""

    guess: str | None
    label: str | None
    reason: Reason
    score: float | None
    scores: Mapping[str, float] = field(default_factory=dict)  # a score for each answer of each head
    mode: str = "best-guess"
    threshold: float | None = None  # positive from this score on; None where the headline has no two labels
    review_from: float | None = None  # no label from this score up to the threshold; None where every score gets one

    def __post_init__(self) -> None:
        if self.review_from is not None and not (self.threshold is not None and self.review_from < self.threshold):
            raise ValueError(f"a verdict abstains from {self.review_from} on, which is not below its threshold {self.threshold}")
        if self.reason in REFUSALS:
            if self.guess is not None or self.label is not None or self.score is not None:
                raise ValueError(f"a verdict refused for {self.reason} cannot carry a guess, a label or a score")
            return
        if self.guess is None or self.score is None or not 0 <= self.score <= 1:
            raise ValueError(f"a verdict needs a guess and a score from 0 to 1, got {self.guess!r} and {self.score!r}")
        if (self.label is None) != (self.reason is Reason.ABSTAIN):
            raise ValueError(f"only a verdict that abstains has no label, got {self.label!r} and {self.reason}")
        if self.reason is Reason.MODEL and self.label != self.guess:
            raise ValueError(f"label {self.label!r} differs from guess {self.guess!r}: the reason cannot be the model")
        if self.reason is Reason.THRESHOLD and self.label == self.guess:
            raise ValueError(f"label and guess are both {self.label!r}: the reason cannot be the threshold")


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A map of scores that turns no two of them round: straight lines between knots, level beyond the outermost."""

    scores: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.scores) < 2 or len(self.scores) != len(self.values):
            raise ValueError(f"a curve needs two knots or more, got {len(self.scores)} scores and {len(self.values)} values")
        if not (self.scores[0] >= 0 and self.scores[-1] <= 1 and all(one < other for one, other in pairwise(self.scores))):
            raise ValueError("the scores of a curve rise, from 0 to 1")
        if not (self.values[0] > 0 and self.values[-1] < 1 and all(one <= other for one, other in pairwise(self.values))):
            raise ValueError("the values of a curve never fall, and lie between 0 and 1")


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Where a figure would mostly come to lie on other rows of the same kind."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval goes from low to high, got {self.low} and {self.high}")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """So many rows of so many, and where their share would mostly come to lie on other rows of the same kind."""

    rows: int
    of: int
    interval: Interval  # of 95 %

    def __post_init__(self) -> None:
        if not 0 <= self.rows <= self.of:
            raise ValueError(f"{self.rows} of {self.of} is no count")

    @property
    def share(self) -> float | None:
        """The share, None where there is nothing to take it of."""
        return self.rows / self.of if self.of else None


@dataclass(frozen=True, kw_only=True)
class Promise:
    """The false-positive rate on rows like the calibration's is at most this, in all but 1 - `confidence` of calibrations."""

    fpr_at_most: float
    confidence: float
    negatives: int  # it rests on, no two of them kin
    errors: int  # the most of them that may be called positive; it depends on their number alone
    candidates: int = 1  # versions of the weights that the rows chose among: promised of each at once
    bound: float  # of the rate, one-sided Clopper-Pearson, by so many errors

    def __post_init__(self) -> None:
        if not (0 < self.fpr_at_most < 1 and 0 < self.confidence < 1 and self.candidates > 0):
            raise ValueError(f"a rate of at most {self.fpr_at_most} at a confidence of {self.confidence} is no promise")
        if not 0 <= self.errors < self.negatives:
            raise ValueError(f"{self.errors} errors of {self.negatives} promise nothing")
        if not 0 <= self.bound <= self.fpr_at_most:
            raise ValueError(f"a bound of {self.bound} promises no rate of at most {self.fpr_at_most}")


@dataclass(frozen=True, kw_only=True)
class ModeRecord:
    """How a mode's thresholds were chosen, what they promise, and what they came to on the rows that chose them."""

    rule: str  # in words
    promise: Promise | None = None  # None: what is said of it was measured, and is promised of no other rows
    measured: Mapping[str, Counted] = field(default_factory=dict)  # precision, recall, fpr; review and error where it abstains


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a set of verdicts fared against the truth, with the positive label named and its share beside it."""

    name: str
    head: str
    positive: str
    rows: int
    prevalence: float
    threshold: float
    metrics: Mapping[str, float | None]  # None: the rows have one label only, and the metric needs both
    confusion: Mapping[str, Mapping[str, int]]  # truth -> guess -> rows
    left_out: int = 0  # rows without a label or with nothing to read
    intervals: Mapping[str, Interval] = field(default_factory=dict)  # of 95 %, by the same names as the metrics
    clusters: int | None = None  # groups of kin the rows fall into: the intervals draw whole groups

    def __post_init__(self) -> None:
        counted = sum(sum(row.values()) for row in self.confusion.values())
        if counted != self.rows:
            raise ValueError(f"the confusion counts {counted} rows, the result {self.rows}")
