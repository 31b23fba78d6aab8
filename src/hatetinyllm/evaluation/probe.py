"""
The leak probe: how far a part can be answered by looking texts up in train, knowing nothing of what they say.

A logistic regression over character n-grams is the line. Its verdict on a row is overruled where a train row is near, once by
the opposite of that row's label (the probe: it finds contrast pairs) and once by the label itself (it finds duplicates). A
train row near which both labels stand has no say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from hatetinyllm.evaluation.grams import Vectors
from hatetinyllm.evaluation.index import Index
from hatetinyllm.evaluation.neighbours import Nearest, near
from hatetinyllm.evaluation.parts import UNKNOWN, Labels
from hatetinyllm.types import Seed

CLOSE = (0.5, 0.7, 0.9)
OVERRULES = 0.6  # from this cosine on the nearest train row overrules the regression
CONTESTED = 0.5  # from this cosine on a train row of the other label takes that row its say
STRENGTH = 4.0  # the regression's C
LEARNT_ROWS = 100_000  # what the regression learns from where train has more
SEED = 42
BINS = 20

Marks = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Close:
    """Rows with a train row at this cosine or nearer, and how many of their nearest have the other label."""

    cosine: float
    rows: int
    share: float | None
    opposite: float | None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Accuracies on some rows: of the commonest label, of the regression, and of three ways to look a row up in train."""

    name: str
    rows: int
    positive: float | None  # share of the positive label
    majority: float | None
    logistic: float | None  # None where train has one label only
    nearest: float | None  # the label of the nearest train row
    probe: float | None  # the regression, overruled by the opposite of a near row's label
    copied: float | None  # the regression, overruled by a near row's label
    overruled: int
    close: tuple[Close, ...]


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows whose nearest train row lies between two cosines, by whether it has the same label."""

    low: float
    high: float
    same: int
    opposite: int


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Labelled rows of a part, with what train says of each: the regression's guess, the nearest row, and if that has a say."""

    truth: Labels
    guess: Labels | None
    label: Labels  # of the nearest train row; -1 where there is none or it has no label
    cosine: NDArray[np.float32]
    say: Marks

    def only(self, marks: Marks) -> "Looked":
        """Some of the rows."""
        guess = None if self.guess is None else self.guess[marks]
        return Looked(
            truth=self.truth[marks], guess=guess, label=self.label[marks], cosine=self.cosine[marks], say=self.say[marks]
        )


def guesses(train: Vectors, labels: Labels, rows: Vectors, *, seed: Seed = SEED) -> Labels | None:
    """What a logistic regression says of rows; nothing where train has one label only."""
    learnt = learnt_rows(labels, LEARNT_ROWS, seed)
    if len(np.unique(labels[learnt])) < 2 or not all(rows.rows.shape):
        return None
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=1000, random_state=seed)
    model.fit(train.rows if len(learnt) == len(labels) else train.rows[learnt], labels[learnt])
    guessed: Labels = model.predict(rows.rows).astype(np.int8)
    return guessed


def look_up(
    index: Index, labels: Labels, truth: Labels, found: Nearest, guess: Labels | None, *, row_products: int | None = None
) -> Looked:
    """What train says of each row; `row_products` cuts the search for train rows of the other label short."""
    label = np.where(found.index >= 0, labels[found.index], UNKNOWN).astype(np.int8)
    near_enough = (found.cosine >= OVERRULES) & (label != UNKNOWN)
    asked = np.unique(found.index[near_enough])
    free = np.ones(len(labels), dtype=np.bool_)
    free[asked[_contested(index, asked, labels, row_products)]] = False
    return Looked(truth=truth, guess=guess, label=label, cosine=found.cosine, say=near_enough & free[found.index])


def figures(name: str, rows: Looked) -> Figures:
    """The figures of some rows."""
    truth, label = rows.truth, rows.label
    known = label != UNKNOWN
    answers = (None, None) if rows.guess is None else (np.where(rows.say, other, rows.guess) for other in (1 - label, label))
    probe, copied = (None if answer is None else _share(answer == truth) for answer in answers)
    positive = _share(truth == 1)
    return Figures(
        name=name,
        rows=len(truth),
        positive=positive,
        majority=None if positive is None else max(positive, 1 - positive),
        logistic=None if rows.guess is None else _share(rows.guess == truth),
        nearest=_share((label == truth)[known]),
        probe=probe,
        copied=copied,
        overruled=int(rows.say.sum()),
        close=tuple(_close(cosine, rows) for cosine in CLOSE),
    )


def histogram(rows: Looked) -> tuple[Bin, ...]:
    """How near the nearest train rows are, and whether they have the same label."""
    edges = np.linspace(0, 1, BINS + 1).round(6)
    place = np.minimum((rows.cosine * BINS + 1e-4).astype(int), BINS - 1)
    same, opposite = (rows.label == rows.truth), (rows.label != rows.truth) & (rows.label != UNKNOWN)
    counts = [np.bincount(place[marks], minlength=BINS).tolist() for marks in (same, opposite)]
    ends = edges.tolist()
    return tuple(Bin(low=ends[at], high=ends[at + 1], same=counts[0][at], opposite=counts[1][at]) for at in range(BINS))


def learnt_rows(labels: Labels, most: int, seed: Seed) -> NDArray[np.int64]:
    """The labelled rows the regression learns from: all, or so many of them by chance, each label by its share."""
    known = np.flatnonzero(labels != UNKNOWN)
    if len(known) <= most:
        return known
    chance = np.random.default_rng(seed)
    drawn = []
    for label in (0, 1):
        rows = known[labels[known] == label]
        drawn.append(chance.choice(rows, size=round(len(rows) * most / len(known)), replace=False))
    return np.sort(np.concatenate(drawn))


def _contested(index: Index, asked: NDArray[np.int64], labels: Labels, row_products: int | None) -> NDArray[np.int64]:
    """The places of those train rows near which a train row of the other label stands."""
    rows, own = Vectors(rows=index.rows[asked], kept=index.kept[asked]), labels[asked]
    found = [np.zeros(0, dtype=np.int64)]
    for pairs in near(index, rows, CONTESTED, row_products=row_products):
        other = labels[pairs.rows]
        found.append(np.unique(pairs.queries[(other != UNKNOWN) & (other != own[pairs.queries])]))
    return np.unique(np.concatenate(found))


def _close(cosine: float, rows: Looked) -> Close:
    near_rows = rows.cosine >= cosine
    known = near_rows & (rows.label != UNKNOWN)
    return Close(
        cosine=cosine,
        rows=int(near_rows.sum()),
        share=_share(near_rows),
        opposite=_share((rows.label != rows.truth)[known]),
    )


def _share(marks: NDArray[np.bool_] | Sequence[bool]) -> float | None:
    return float(np.mean(marks)) if len(marks) else None
