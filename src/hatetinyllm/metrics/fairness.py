"""
Whether scores mean the same on texts that name a group as on the others: Borkan et al. (2019), and Dixon et al. (2018).

The rows that name a group are compared with the background, all rows that do not. A low BPSN says that harmless texts
naming the group score like hateful ones that do not (false alarms); a low BNSP, that hateful ones naming it are missed.
A group with few rows of either label is named with its counts and nothing else. Where groups of kin are given, the intervals
of false alarms and misses are drawn with whole ones; else they are Wilson's, for rows that stand alone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.classification import Scores, Truth, called, fnr, fpr
from hatetinyllm.metrics.ranking import auroc
from hatetinyllm.metrics.rate import wilson
from hatetinyllm.metrics.resample import CLUSTERS_AT_LEAST, interval_of, numbered, weights_of
from hatetinyllm.types import Interval

Marks = NDArray[np.bool_]
Clusters = NDArray[np.int64]

NEEDED = 50  # rows of each label that name a group
POWER = -5.0  # of the mean over groups: the worst ones weigh most
OVERALL_SHARE = 0.25  # of the AUROC of all rows in Jigsaw's final figure; each of the three means has the same


@dataclass(frozen=True, kw_only=True)
class GroupFairness:
    """One group; where it is not sufficient, and where the background lacks a label, a figure is None."""

    name: str
    positives: int
    negatives: int
    sufficient: bool
    subgroup_auc: float | None = None
    bpsn_auc: float | None = None
    bnsp_auc: float | None = None
    positive_aeg: float | None = None
    negative_aeg: float | None = None
    fpr: float | None = None
    fpr_interval: Interval | None = None
    fnr: float | None = None
    fnr_interval: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """All groups, and what is said of them together; sums and means are over the sufficient ones, None without any."""

    rows: int
    needed: int
    threshold: float
    auroc: float | None  # of all rows, as are fpr and fnr
    fpr: float | None
    fnr: float | None
    groups: tuple[GroupFairness, ...] = field(default=())
    subgroup_auc: float | None = None  # generalised means
    bpsn_auc: float | None = None
    bnsp_auc: float | None = None
    jigsaw: float | None = None
    fped: float | None = None  # sum over the groups of how far their fpr is from that of all rows
    fned: float | None = None
    fpr_gap: float | None = None  # the farthest of them
    fnr_gap: float | None = None


def subgroup_auc(truth: Truth, scores: Scores, group: Marks) -> float:
    """AUROC among the rows that name the group."""
    return auroc(truth[group], scores[group])


def bpsn_auc(truth: Truth, scores: Scores, group: Marks) -> float:
    """AUROC of the background's positive rows over the group's negative ones."""
    kept = np.where(group, truth == 0, truth == 1)
    return auroc(truth[kept], scores[kept])


def bnsp_auc(truth: Truth, scores: Scores, group: Marks) -> float:
    """AUROC of the group's positive rows over the background's negative ones."""
    kept = np.where(group, truth == 1, truth == 0)
    return auroc(truth[kept], scores[kept])


def positive_aeg(truth: Truth, scores: Scores, group: Marks) -> float:
    """How far positive rows that name the group score above (to .5) or below (to -.5) the background's; 0 is even."""
    return _gap(scores, group, truth == 1)


def negative_aeg(truth: Truth, scores: Scores, group: Marks) -> float:
    """The same for negative rows: above 0 the group's harmless texts score higher than others' do."""
    return _gap(scores, group, truth == 0)


def generalised_mean(values: Sequence[float], power: float = POWER) -> float:
    """The power mean; of a negative power it is 0 as soon as one value is. Not a number of no values."""
    if not len(values):
        return math.nan
    if min(values) <= 0 and power < 0:
        return 0.0
    return float(np.mean(np.asarray(values, dtype=np.float64) ** power) ** (1 / power))


def jigsaw_final(overall: float, subgroup: float, bpsn: float, bnsp: float) -> float:
    """The final figure of Jigsaw's contest: a quarter each for the AUROC of all rows and the three generalised means."""
    return OVERALL_SHARE * overall + (1 - OVERALL_SHARE) / 3 * (subgroup + bpsn + bnsp)


def fairness_of(
    truth: Truth,
    scores: Scores,
    groups: Mapping[str, Marks],
    *,
    threshold: float,
    needed: int = NEEDED,
    clusters: Clusters | None = None,
) -> Fairness:
    """Every group on its own and all of them together; a group is marked rows, and a row may be in several."""
    if wrong := [name for name, marks in groups.items() if len(marks) != len(truth)]:
        raise DataError(f"a group marks each of the {len(truth):,} rows", [f"{name} does not" for name in wrong])
    found = tuple(
        _group(name, truth, scores, np.asarray(marks, bool), threshold, needed, clusters) for name, marks in groups.items()
    )
    judged = [one for one in found if one.sufficient]
    overall = _known(auroc(truth, scores))
    of_all = {"fpr": _known(fpr(truth, scores, threshold=threshold)), "fnr": _known(fnr(truth, scores, threshold=threshold))}
    means = {name: _mean([getattr(one, name) for one in judged]) for name in ("subgroup_auc", "bpsn_auc", "bnsp_auc")}
    gaps = {name: [abs(getattr(one, name) - whole) for one in judged] for name, whole in of_all.items() if whole is not None}
    whole = [value for value in (overall, *means.values()) if value is not None]
    return Fairness(
        rows=len(truth),
        needed=needed,
        threshold=threshold,
        auroc=overall,
        **of_all,
        groups=found,
        **means,
        jigsaw=jigsaw_final(*whole) if len(whole) == 4 else None,
        fped=sum(gaps["fpr"]) if gaps.get("fpr") else None,
        fned=sum(gaps["fnr"]) if gaps.get("fnr") else None,
        fpr_gap=max(gaps.get("fpr", ()), default=None),
        fnr_gap=max(gaps.get("fnr", ()), default=None),
    )


def _group(
    name: str, truth: Truth, scores: Scores, group: Marks, threshold: float, needed: int, clusters: Clusters | None
) -> GroupFairness:
    positives, negatives = int(np.count_nonzero(truth[group] == 1)), int(np.count_nonzero(truth[group] == 0))
    if min(positives, negatives) < max(1, needed):
        return GroupFairness(name=name, positives=positives, negatives=negatives, sufficient=False)
    calls, labels = called(scores, threshold)[group], truth[group]
    kin = None if clusters is None else clusters[group]
    wrong = [(calls != labels)[labels == label] for label in (0, 1)]
    spans = [_interval(marks, None if kin is None else kin[labels == label]) for label, marks in enumerate(wrong)]
    return GroupFairness(
        name=name,
        positives=positives,
        negatives=negatives,
        sufficient=True,
        subgroup_auc=_known(subgroup_auc(truth, scores, group)),
        bpsn_auc=_known(bpsn_auc(truth, scores, group)),
        bnsp_auc=_known(bnsp_auc(truth, scores, group)),
        positive_aeg=_known(positive_aeg(truth, scores, group)),
        negative_aeg=_known(negative_aeg(truth, scores, group)),
        fpr=float(wrong[0].mean()),
        fpr_interval=spans[0],
        fnr=float(wrong[1].mean()),
        fnr_interval=spans[1],
    )


def _interval(wrong: Marks, clusters: Clusters | None) -> Interval | None:
    """
    Of the share of rows that are wrong; None of few groups of kin.

    Wilson's where every row stands alone, and where none or all are wrong, since draws of equal rows never differ: then of as
    many rows as there are groups.
    """
    count = len(wrong) if clusters is None else len(np.unique(clusters))
    if clusters is None or count == len(wrong):
        return wilson(int(np.count_nonzero(wrong)), len(wrong))
    if count < CLUSTERS_AT_LEAST:
        return None
    if wrong.all() or not wrong.any():
        return wilson(count if wrong.all() else 0, count)
    places = numbered(clusters)
    sizes, errors = np.bincount(places).astype(np.float64), np.bincount(places, weights=wrong)
    return interval_of(np.concatenate([(weights @ errors) / (weights @ sizes) for weights in weights_of(clusters)]))


def _gap(scores: Scores, group: Marks, label: Marks) -> float:
    """Half of how much more often the group's rows score above the background's than below: a Mann-Whitney count."""
    inside = group[label].astype(np.int64)
    return auroc(inside, scores[label]) - 0.5


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _mean(values: Sequence[float | None]) -> float | None:
    return _known(generalised_mean([value for value in values if value is not None]))
