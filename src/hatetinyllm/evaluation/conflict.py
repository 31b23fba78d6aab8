"""
Where two parts were labelled by different policies: words whose share of the positive label differs between them.

A model that learns one policy must fail on the other, and `ceiling` says by how much: what a classifier gets that is
perfect by the one, on the labels of the other. Shares are compared row by row of separate parts: Newcombe's interval of the
difference, Fisher's exact test, Holm's correction for all words that were tried. What words stand for is not known here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores, truth_of
from hatetinyllm.metrics.paired import holm
from hatetinyllm.metrics.rate import newcombe, wilson
from hatetinyllm.metrics.unpaired import fisher
from hatetinyllm.types import Example, Head, Interval, Result

Marks = Callable[[str], Iterable[str]]  # a text -> the words of it that are asked about

NEEDED = 20  # rows with the word, in each part
CHANCE = 0.05
_HASHTAG = re.compile(r"(?<![\w&])#\w+")  # not the number of an entity, &#39;
_WORD = re.compile(r"(?<![\w&])[#@]?\w[\w’'-]*")


@dataclass(frozen=True, kw_only=True)
class Count:
    """Rows, and how many of them have the positive label."""

    rows: int
    positive: int

    @property
    def share(self) -> float:
        """Of the rows; there are some."""
        return self.positive / self.rows

    @property
    def interval(self) -> Interval:
        """Wilson's, of the share."""
        return wilson(self.positive, self.rows)


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A word in both parts; `difference` is the first part's share less the second's, `adjusted` its p after Holm."""

    word: str
    one: Count
    other: Count
    difference: float
    interval: Interval
    p: float
    adjusted: float

    @property
    def clear(self) -> bool:
        """More than chance, with all other words in mind."""
        return self.adjusted < CHANCE


@dataclass(frozen=True, kw_only=True)
class Conflicts:
    """Two parts as a whole, and every word that stands often enough in both, the surest conflict first."""

    one: Count
    other: Count
    words: tuple[Conflict, ...]
    rows: int  # of the second part that hold a word in clear conflict

    @property
    def clear(self) -> tuple[Conflict, ...]:
        """The words in clear conflict."""
        return tuple(word for word in self.words if word.clear)


def hashtags(text: str) -> frozenset[str]:
    """The text's hashtags, in small letters."""
    return frozenset(_HASHTAG.findall(text.casefold()))


def words(text: str) -> frozenset[str]:
    """All words of a text, hashtags and names among them, in small letters."""
    return frozenset(_WORD.findall(text.casefold()))


def conflicts(
    one: Sequence[Example], other: Sequence[Example], head: Head, *, marks: Marks = hashtags, needed: int = NEEDED
) -> Conflicts:
    """Every word that `marks` finds in so many rows of each part; a row counts once, however often it says the word."""
    if needed < 1:
        raise DataError(f"a word is compared from one row of each part on, got {needed}")
    here, there = (_counts(part, head, marks) for part in (one, other))
    shared = sorted(word for word in here.keys() & there.keys() if min(here[word].rows, there[word].rows) >= needed)
    p_values = {word: _p(here[word], there[word]) for word in shared}
    adjusted = holm(p_values)
    found = [_conflict(word, here[word], there[word], p_values[word], adjusted[word]) for word in shared]
    found.sort(key=lambda word: (word.adjusted, word.p, -abs(word.difference), word.word))
    clear = {word.word for word in found if word.clear}
    return Conflicts(
        one=_whole(one, head),
        other=_whole(other, head),
        words=tuple(found),
        rows=sum(not clear.isdisjoint(marks(example.text)) for example in _labelled(other, head)),
    )


def ceiling(official: Sequence[Example], relabelled: Sequence[Example], head: Head, *, name: str) -> Result:
    """
    What a classifier that is perfect by the second labels gets on the first: no model of that policy can get more.

    Rows are matched by id; both must be the same rows.
    """
    again = {example.id: example for example in _labelled(relabelled, head)}
    own = _labelled(official, head)
    if not own or {example.id for example in own} != set(again):
        raise DataError(f"{name}: the two labellings are not of the same rows", [f"{len(own):,} and {len(again):,} rows"])
    scores = truth_of([again[example.id] for example in own], head).astype(float)
    return judge_scores(truth_of(own, head), scores, head, name=name)


def _labelled(examples: Sequence[Example], head: Head) -> list[Example]:
    return [example for example in examples if example.labels.get(head.name)]


def _counts(examples: Sequence[Example], head: Head, marks: Marks) -> dict[str, Count]:
    rows: Counter[str] = Counter()
    positive: Counter[str] = Counter()
    for example in _labelled(examples, head):
        found = set(marks(example.text))
        rows.update(found)
        if head.positive in example.labels[head.name]:
            positive.update(found)
    return {word: Count(rows=count, positive=positive[word]) for word, count in rows.items()}


def _whole(examples: Sequence[Example], head: Head) -> Count:
    labelled = _labelled(examples, head)
    if not labelled:
        raise DataError(f"none of the {len(examples):,} rows of a part has a {head.name} label")
    return Count(rows=len(labelled), positive=int(truth_of(labelled, head).sum()))


def _p(one: Count, other: Count) -> float:
    return fisher(one.positive, one.rows, other.positive, other.rows)


def _conflict(word: str, one: Count, other: Count, p: float, adjusted: float) -> Conflict:
    interval = newcombe(one.positive, one.rows, other.positive, other.rows)
    difference = one.share - other.share
    return Conflict(word=word, one=one, other=other, difference=difference, interval=interval, p=p, adjusted=adjusted)
