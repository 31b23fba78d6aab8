"""
From log-odds to results: the posts that were asked about, and every way their answers can be read.

A long post has several windows, and the one that scores highest speaks for it, as everywhere here. A generated answer
that is none counts as wrong: the row is given the label it does not have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores, truth_of
from hatetinyllm.evaluation.trivial import always
from hatetinyllm.labels import SCHEMES
from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.classification import Truth
from hatetinyllm.policy import DIGITS
from hatetinyllm.scores import Numbers
from hatetinyllm.studies.cell import CEILING
from hatetinyllm.text.prompt import FEW_SHOT, PLAIN, PromptEncoder
from hatetinyllm.types import Example, Head, Result, Splits

HATE = Head(name="hate", labels=SCHEMES["hate"].labels, positive=SCHEMES["hate"].positive)
TOTAL = "total log-probability"
NO_RESULT = "no result: threshold chosen on the test itself"
OF_LABELS = "hatetinyllm.metrics.classification:"  # metrics that look at labels alone, not at the order of scores


@dataclass(frozen=True, kw_only=True)
class Window:
    """A part of a post that a prompt is filled with, in normal form."""

    id: str
    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Posts:
    """The rows that are judged: those with a label and something to read."""

    examples: tuple[Example, ...]
    windows: tuple[Window, ...]  # of all examples, in order
    counts: tuple[int, ...]  # of windows of each example
    left_out: int

    @property
    def truth(self) -> Truth:
        """1 where a row is hate."""
        return truth_of(self.examples, HATE)

    @property
    def long(self) -> int:
        """How many rows have more than one window."""
        return sum(count > 1 for count in self.counts)

    def highest(self, numbers: Numbers) -> Numbers:
        """One number a row from one number a window."""
        starts = np.cumsum([0, *self.counts[:-1]])
        joined: Numbers = np.maximum.reduceat(numbers, starts)
        return joined


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The answers to one prompt: log-odds of every window by the order of the labels, and what each order says to nothing."""

    prompt: str
    odds: Mapping[str, Numbers]
    prejudices: Mapping[str, float]  # empty where nothing is calibrated
    shots: int = 0  # examples shown before every post
    totals: Mapping[str, Numbers] = field(default_factory=dict)  # of whole answers, where `odds` compares means of a token
    said: tuple[str | None, ...] | None = None  # labels that were generated, window by window

    @property
    def name(self) -> str:
        """As its results are called."""
        return (
            f"few-shot {self.shots} {PLAIN if self.prompt == FEW_SHOT else self.prompt}"
            if self.shots
            else f"zero-shot {self.prompt}"
        )


def labelled_rows(splits: Splits) -> tuple[Example, ...]:
    """The rows of the test part that say whether they are hate."""
    rows = tuple(example for example in splits.test if example.label)
    if not rows:
        asked = sorted({scheme for example in splits.rows() for scheme in example.labels})
        hints = [f"test has {len(splits.test):,} rows; the rows answer: {', '.join(asked) or 'nothing'}"]
        raise DataError(f"{splits.name}, split {splits.how}: no row of the test part has a hate label", hints)
    return rows


def read_posts(splits: Splits, encoder: PromptEncoder) -> Posts:
    """The labelled rows of the test part in windows; what cannot be read is left out and counted."""
    found = [(example, encoder.windows(example.text)) for example in labelled_rows(splits)]
    kept = [(example, windows) for example, windows in found if windows]
    if not kept:
        raise DataError(f"{splits.name}: no row of the test part can be read", ["is text.max_characters too low?"])
    return Posts(
        examples=tuple(example for example, _ in kept),
        windows=tuple(
            Window(id=example.id, number=number, text=text) for example, windows in kept for number, text in enumerate(windows)
        ),
        counts=tuple(len(windows) for _, windows in kept),
        left_out=len(splits.test) - len(kept),
    )


def results_of(posts: Posts, readings: Sequence[Reading]) -> tuple[Result, ...]:
    """Every reading of every prompt, the headline first; then the headline's ceiling, and the rows that read nothing last."""
    found = [result for reading in readings for result in _results(posts, reading)]
    return (*found, _ceiling(posts, readings[0]), *always(posts.truth, HATE, left_out=posts.left_out))


def unparsed_share(posts: Posts, reading: Reading) -> float:
    """The share of rows whose generated answer is none."""
    labels = _said(posts, reading)
    return labels.count(None) / len(labels)


def _results(posts: Posts, reading: Reading) -> Iterator[Result]:
    """The mean of the orders first: as it is, calibrated, of whole answers; then each order alone, then what was generated."""
    mean, name = np.mean(list(reading.odds.values()), axis=0), reading.name
    yield _judged(posts, mean, name)
    if reading.prejudices:
        yield _judged(posts, mean - np.mean(list(reading.prejudices.values())), f"{name}, calibrated")
    if reading.totals:
        yield _judged(posts, np.mean(list(reading.totals.values()), axis=0), f"{name}, {TOTAL}")
    for order, odds in reading.odds.items() if len(reading.odds) > 1 else ():
        yield _judged(posts, odds, f"{name}, order {order}")
        if reading.prejudices:
            yield _judged(posts, odds - reading.prejudices[order], f"{name}, order {order}, calibrated")
    if reading.said is not None:
        yield _generated(posts, reading, name)


def _judged(posts: Posts, odds: Numbers, name: str) -> Result:
    return judge_scores(posts.truth, _scores(posts, odds), HATE, name=name, left_out=posts.left_out)


def _scores(posts: Posts, odds: Numbers) -> Numbers:
    rows = np.round(posts.highest(odds), DIGITS + 1)  # means of two numbers of so many digits: none falls upon another
    scores: Numbers = 0.5 * (1 + np.tanh(rows / 2))  # does not overflow
    return scores


def _ceiling(posts: Posts, headline: Reading) -> Result:
    """What the headline could come to if its threshold were known: chosen for macro-F1 on the very rows it is judged by."""
    scores, truth = _scores(posts, np.mean(list(headline.odds.values()), axis=0)), posts.truth
    levels, place = np.unique(scores, return_inverse=True)
    hate = np.bincount(place, weights=truth, minlength=len(levels))
    every = np.bincount(place, minlength=len(levels))
    hits, called = hate[::-1].cumsum()[::-1], every[::-1].cumsum()[::-1]  # at a threshold of each level
    of_hate = 2 * hits / (called + truth.sum())
    rest = len(truth) - called
    of_rest = 2 * (rest - (truth.sum() - hits)) / np.maximum(rest + len(truth) - truth.sum(), 1)
    best = float(levels[np.argmax(of_hate + of_rest)])
    name = f"{CEILING} of {headline.name}, {NO_RESULT}"
    return judge_scores(truth, scores, HATE, name=name, threshold=best, left_out=posts.left_out)


def _generated(posts: Posts, reading: Reading, name: str) -> Result:
    truth, labels = posts.truth, _said(posts, reading)
    called = np.array([1 - true if label is None else label == HATE.positive for true, label in zip(truth, labels, strict=True)])
    unparsed = f"{unparsed_share(posts, reading):.1%} unparsed count as wrong"
    result = judge_scores(truth, called.astype(np.float64), HATE, name=f"{name}, generated, {unparsed}", left_out=posts.left_out)
    return replace(result, metrics={said: value if _of_labels(said) else None for said, value in result.metrics.items()})


def _said(posts: Posts, reading: Reading) -> list[str | None]:
    """One label a row: hate where any window is called so, none where no window is and any answer is none."""
    assert reading.said is not None
    labels, first = list[str | None](), 0
    for count in posts.counts:
        windows = reading.said[first : first + count]
        labels.append(HATE.positive if HATE.positive in windows else None if None in windows else windows[0])
        first += count
    return labels


def _of_labels(metric: str) -> bool:
    """Whether a metric looks at labels alone; the order of scores means nothing where they were made from labels."""
    spelt = {name.replace("positive", str(HATE.positive)).replace("negative", "not_hate"): name for name in METRICS}
    return METRICS.place(spelt[metric]).startswith(OF_LABELS)
