"""
Calibrate: fit the scores on rows that were held out, then choose each mode's thresholds on them, and count what they do.

Rows that are kin say less than as many strangers. A promise takes one row of each group of kin: which one, the seed and the
rows' ids decide, so that the order of the rows changes nothing. Figures count every row, and their intervals are as wide as
if rows of one group all said the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.band import review_band
from hatetinyllm.evaluation.promise import Refused, percent, promise_of, promised_threshold
from hatetinyllm.evaluation.rule import Rule
from hatetinyllm.evaluation.scaling import FOLDS, Method, Scaling, cross_fitted, figures_of, fit_scaling, warnings_of
from hatetinyllm.evaluation.thresholds import ROWS_WANTED, Cuts, at, balanced, cuts_of, high_precision, high_recall
from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.metrics.interval import LEVEL
from hatetinyllm.policy import BEST_GUESS, BEST_GUESS_BAND, DIGITS
from hatetinyllm.scores import Numbers
from hatetinyllm.types import Band, Counted, Interval, ModeRecord, Promise

Marks = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Held:
    """Rows that were held out: what they are, what the net says of them, and which are kin."""

    ids: tuple[str, ...]
    truth: Truth
    odds: Numbers
    groups: NDArray[np.int64]

    def __post_init__(self) -> None:
        if len({len(self.ids), len(self.truth), len(self.odds), len(self.groups)}) > 1:
            raise ValueError("the columns are not of one length")
        positives = int(self.truth.sum())
        if not 0 < positives < len(self.truth):
            raise DataError(
                "thresholds cannot be chosen",
                [f"{len(self.truth):,} rows, {positives:,} of them positive: both labels are needed"],
            )


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """What came of it: the scaling, the scores as they are shown, and the modes, those that cannot be had among them."""

    scaling: Scaling
    scores: Scores
    independent: int  # negatives, one of each group of kin
    before: Mapping[str, float]
    after: Mapping[str, float]
    bands: Mapping[str, Band]
    modes: Mapping[str, ModeRecord]
    refused: Mapping[str, Refused] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def calibrate(held: Held, rules: Sequence[Rule], *, method: Method, seed: int, candidates: int = 1) -> Calibrated:
    """Fit, choose and count; `candidates` is among how many versions of the weights these very rows have chosen."""
    scaling = fit_scaling(held.truth, held.odds, method)
    scores = shown(scaling.scores(held.odds))
    order = order_of(held.ids, seed)
    alone = one_of_each(held.truth == 0, held.groups, order)
    bands, promises, refused = {BEST_GUESS: BEST_GUESS_BAND}, {}, {}
    cuts = cuts_of(held.truth, scores)
    for rule in rules:
        promise = None
        if rule.kind == "fpr":
            promise = promise_of(len(alone), fpr_at_most=rule.share, confidence=rule.confidence, candidates=candidates)
        found = promise if isinstance(promise, Refused) else _band(rule, cuts, held.truth, scores, scores[alone], promise)
        if isinstance(found, Refused):
            refused[rule.name] = found
        else:
            bands[rule.name], promises[rule.name] = found, promise if isinstance(promise, Promise) else None
    said = {BEST_GUESS: "the likelier label", **{rule.name: str(rule) for rule in rules}}
    return Calibrated(
        scaling=scaling,
        scores=scores,
        independent=len(alone),
        before=figures_of(held.truth, Scaling().scores(held.odds)),
        after=cross_fitted(held.truth, held.odds, method, folds_of(held.groups, order)),
        bands=bands,
        modes={
            name: ModeRecord(rule=said[name], promise=promises.get(name), measured=measured(held, scores, band))
            for name, band in bands.items()
        },
        refused=refused,
        notes=warnings_of(scaling),
    )


def measured(held: Held, scores: Scores, band: Band) -> dict[str, Counted]:
    """What a band does with these rows."""
    positive, called = held.truth == 1, scores >= band.high
    asked = {"precision": (called, positive), "recall": (positive, called), "fpr": (~positive, called)}
    if band.low < band.high:
        waits = (scores >= band.low) & ~called
        asked |= {"review": (np.ones_like(waits), waits), "error": (~waits, called != positive)}
    return {name: _counted(among, those, held.groups) for name, (among, those) in asked.items()}


def order_of(ids: Sequence[str], seed: int) -> NDArray[np.int64]:
    """The rows in an order that the seed and their ids decide, and nothing else."""
    keys = [sha256(f"{seed}:{id}".encode()).hexdigest() for id in ids]
    return np.argsort(np.array(keys), kind="stable").astype(np.int64)


def one_of_each(marks: Marks, groups: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of the marked rows one of each group, the first in the order."""
    rows = order[marks[order]]
    _, first = np.unique(groups[rows], return_index=True)
    return np.sort(rows[first])


def folds_of(groups: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """A fold for each row, kin together: the groups are dealt out in the order."""
    _, first, place = np.unique(groups[order], return_index=True, return_inverse=True)
    folds = np.empty(len(groups), dtype=np.int64)
    folds[order] = (np.argsort(np.argsort(first)) % FOLDS)[place]
    return folds


def shown(scores: Scores) -> Scores:
    """Scores rounded as a verdict shows and compares them."""
    return np.array([round(score, DIGITS) for score in scores.tolist()], dtype=np.float64)


def _band(rule: Rule, cuts: Cuts, truth: Truth, scores: Scores, alone: Scores, promise: Promise | None) -> Band | Refused:
    """The band a rule chooses, or why there is none; `alone` are the scores of the independent negatives."""
    if promise is not None:
        threshold = promised_threshold(alone, promise)
        return threshold if isinstance(threshold, Refused) else at(threshold)
    if rule.kind == "review":
        return review_band(truth, scores, rule.share)
    if rule.kind == "high-precision":
        precise = high_precision(cuts, rule.share)
        never = f"no threshold with {ROWS_WANTED} rows above it has a precision of {percent(rule.share)} on these rows"
        return Refused(reason=never) if precise is None else at(precise)
    return at(balanced(cuts) if rule.kind == "balanced" else high_recall(cuts, rule.share))


def _counted(among: Marks, those: Marks, groups: NDArray[np.int64]) -> Counted:
    rows, found = int(among.sum()), int(those[among].sum())
    if not rows:
        return Counted(rows=0, of=0, interval=Interval(low=0.0, high=1.0))
    sizes = np.unique(groups[among], return_counts=True)[1]
    return Counted(rows=found, of=rows, interval=_interval(found / rows, rows**2 / float((sizes**2).sum())))


def _interval(share: float, size: float) -> Interval:
    """Clopper-Pearson's for a share of so many rows, which need not be whole: Kish's number of rows as good as strangers."""
    tail, count = (1 - LEVEL) / 2, share * size
    low = float(betaincinv(count, size - count + 1, tail)) if share > 0 else 0.0
    return Interval(low=low, high=float(betaincinv(count + 1, size - count, 1 - tail)) if share < 1 else 1.0)
