"""
Metrics of the order the scores make; the threshold that every metric is given plays no part.

Rows of one score are called together: a threshold can stand above them or below, never between. All of these ask how
positive rows stand to negative ones, and are not a number where one label is missing.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from hatetinyllm.metrics.classification import Scores, Truth

Running = NDArray[np.float64]  # (draws, levels + 1): rows called positive from each level on, the highest first


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Where a threshold can stand: above all scores, then at each distinct one, the highest first."""

    thresholds: NDArray[np.float64]  # the first is infinite: nothing is called positive
    true: NDArray[np.int64]  # positive rows from there on
    false: NDArray[np.int64]  # negative rows from there on


def auroc(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Chance that a positive row scores above a negative one, ties one half."""
    return math.nan if one_label(truth) else float(roc_auc_score(truth, scores))


def auprc(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """
    Average precision: at each level the precision, as much as the recall rises there; steps, nothing drawn between them.

    Scores without meaning reach the share of positive rows, so it says little unless that share stands beside it.
    """
    return math.nan if one_label(truth) else float(average_precision_score(truth, scores))


def fpr_at_tpr_90(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The least share of negative rows that is called positive where .90 of the positive rows are, on these very rows."""
    return _ordered("fpr_at_tpr_90", truth, scores)


def fpr_at_tpr_95(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The same where .95 of the positive rows are called so."""
    return _ordered("fpr_at_tpr_95", truth, scores)


def tpr_at_fpr_01(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The greatest share of positive rows found where at most .01 of the negative rows are called so, on these very rows."""
    return _ordered("tpr_at_fpr_01", truth, scores)


def tpr_at_fpr_05(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The same where at most .05 of the negative rows are called so."""
    return _ordered("tpr_at_fpr_05", truth, scores)


def one_label(truth: Truth) -> bool:
    """Whether the rows have one label only, or there are none."""
    return not 0 < int(np.count_nonzero(truth)) < len(truth)


def levels_of(truth: Truth, scores: Scores) -> Levels:
    """The rows called positive at every place a threshold can stand."""
    order = np.argsort(-scores, kind="stable")
    ends = ends_of(scores[order])
    positive = np.concatenate([[0], np.cumsum(truth[order])])
    return Levels(
        thresholds=np.concatenate([[math.inf], scores[order][ends[1:] - 1]]), true=positive[ends], false=ends - positive[ends]
    )


def ends_of(ordered: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many rows there are up to the end of each run of equal values, 0 first."""
    changes = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return np.concatenate([[0], changes, [len(ordered)]]).astype(np.int64)


def _ordered(metric: str, truth: Truth, scores: Scores) -> float:
    if one_label(truth):
        return math.nan
    levels = levels_of(truth, scores)
    return float(OF_LEVELS[metric](levels.true[None].astype(np.float64), levels.false[None].astype(np.float64))[0])


def _auroc(true: Running, false: Running) -> NDArray[np.float64]:
    in_order = np.einsum("dl,dl->d", np.diff(false, axis=1), true[:, 1:] + true[:, :-1])
    area: NDArray[np.float64] = in_order / (2 * true[:, -1] * false[:, -1])
    return area


def _auprc(true: Running, false: Running) -> NDArray[np.float64]:
    found = true[:, 1:]
    precision = found / np.maximum(found + false[:, 1:], 1)  # nothing is found where nothing is called
    area: NDArray[np.float64] = np.einsum("dl,dl->d", np.diff(true, axis=1), precision) / true[:, -1]
    return area


def _fpr_at(reached: float) -> Callable[[Running, Running], NDArray[np.float64]]:
    def least(true: Running, false: Running) -> NDArray[np.float64]:
        first = np.count_nonzero(true / true[:, -1:] < reached, axis=1)
        return _picked(false, first) / false[:, -1]

    return least


def _tpr_at(allowed: float) -> Callable[[Running, Running], NDArray[np.float64]]:
    def greatest(true: Running, false: Running) -> NDArray[np.float64]:
        last = np.count_nonzero(false / false[:, -1:] <= allowed, axis=1) - 1
        return _picked(true, last) / true[:, -1]

    return greatest


def _picked(running: Running, places: NDArray[np.intp]) -> NDArray[np.float64]:
    picked: NDArray[np.float64] = np.take_along_axis(running, places[:, None], axis=1)[:, 0]
    return picked


# For many weightings of the same rows at once; each has positive and negative rows of some weight.
OF_LEVELS: Mapping[str, Callable[[Running, Running], NDArray[np.float64]]] = {
    "auprc": _auprc,
    "auroc": _auroc,
    "fpr_at_tpr_90": _fpr_at(0.90),
    "fpr_at_tpr_95": _fpr_at(0.95),
    "tpr_at_fpr_01": _tpr_at(0.01),
    "tpr_at_fpr_05": _tpr_at(0.05),
}
