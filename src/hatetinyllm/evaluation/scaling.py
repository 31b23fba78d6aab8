"""
Fit what a score is made of: a temperature, a curve, or neither. Sees truths and logarithms of odds, and knows no net.

temperature  the odds are divided by one number, the one of least negative log-likelihood; no two rows change places
isotonic     scores follow a curve through the shares of positive rows of the isotonic regression's steps, each at the mean
             score of its rows, so that the curve rises where the regression only steps; beyond the outermost steps it goes on
             as far as it came. It stays 1 / (rows + 2) off 0 and 1, the rule of succession's bound: no count of rows shows
             that something never happens.

Both rise, so that thresholds chosen after them on the same rows promise what they promise without (promise.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.calibration import brier, ece_pos, ece_pos_adaptive, nll
from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.scores import Numbers, score_of
from hatetinyllm.types import Curve

Method = Literal["temperature", "isotonic", "none"]
COLDEST, HOTTEST = 0.05, 20.0  # of a temperature
FOLDS = 5
DIGITS = 9  # of scores a curve is fitted to: lines between nearer knots have no slope that could be told
FIGURES = {"nll": nll, "brier": brier, "ece_pos": ece_pos, "ece_pos_adaptive": ece_pos_adaptive}


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How scores are made of logarithms of odds."""

    temperature: float = 1.0
    curve: Curve | None = None

    def scores(self, odds: Numbers) -> Scores:
        """The scores of these rows, in full."""
        return score_of(odds, self.temperature, self.curve)


def fit_scaling(truth: Truth, odds: Numbers, method: Method) -> Scaling:
    """The scaling these rows ask for; the order of the rows changes nothing."""
    if len(np.unique(truth)) < 2:
        raise DataError(f"scores cannot be calibrated: all {len(truth):,} rows have the same label")
    order = np.lexsort((truth, odds))
    truth, odds = truth[order], odds[order]
    if method == "temperature":
        return Scaling(temperature=_temperature(truth, odds))
    return Scaling(curve=_curve(truth, score_of(odds).round(DIGITS)) if method == "isotonic" else None)


def figures_of(truth: Truth, scores: Scores) -> dict[str, float]:
    """How far scores can be read as shares."""
    return {name: metric(truth, scores) for name, metric in FIGURES.items()}


def cross_fitted(truth: Truth, odds: Numbers, method: Method, folds: NDArray[np.int64]) -> Mapping[str, float]:
    """The figures of scores whose scaling was fitted on the other folds, so that no row speaks for itself; none of few rows."""
    scores = np.empty(len(truth))
    for fold in np.unique(folds):
        held = folds == fold
        if len(np.unique(truth[~held])) < 2:
            return {}
        scores[held] = fit_scaling(truth[~held], odds[~held], method).scores(odds[held])
    return figures_of(truth, scores)


def warnings_of(scaling: Scaling) -> tuple[str, ...]:
    """What a reader must know of a fit that came to its limits."""
    if scaling.temperature <= COLDEST * 1.001:
        return (f"the temperature stands at its lowest, {COLDEST:g}: the scores tell all of these rows' labels apart",)
    if scaling.temperature >= HOTTEST / 1.001:
        return (f"the temperature stands at its highest, {HOTTEST:g}: the scores say next to nothing of these rows' labels",)
    return ()


def _temperature(truth: Truth, odds: Numbers) -> float:
    against = np.where(truth == 1, -odds, odds)

    def loss(log_temperature: float) -> float:
        return float(np.logaddexp(0.0, against / np.exp(log_temperature)).mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded", options={"xatol": 1e-7})
    return float(f"{np.exp(found.x):.6g}")


def _curve(truth: Truth, scores: Scores) -> Curve:
    limit = 1 / (len(truth) + 2)
    steps = IsotonicRegression(y_min=limit, y_max=1 - limit).fit_transform(scores, truth).round(12)
    values, place = np.unique(steps, return_inverse=True)
    sizes = np.bincount(place)
    centres = np.bincount(place, weights=scores) / sizes
    lowest, highest = _beyond(scores, place, centres, values)
    knots = np.concatenate([[0.0], centres, [1.0]])
    rising = np.concatenate([[centres[0] > 0], np.diff(knots[1:-1], prepend=-1.0) > 0, [centres[-1] < 1]])
    # Clipped once more, for a mean of equal numbers can differ from them in its last digit.
    over = np.clip(np.maximum.accumulate(np.concatenate([[lowest], values, [highest]])), limit, 1 - limit)
    return Curve(scores=tuple(knots[rising].tolist()), values=tuple(over[rising].tolist()))


def _beyond(scores: Scores, place: NDArray[np.int64], centres: Scores, values: Scores) -> tuple[float, float]:
    """The values at scores of 0 and 1: the outermost steps rise beyond their centres as much as they do before them."""
    if len(values) == 1:
        return float(values[0]) / 2, (1 + float(values[0])) / 2
    first, last = np.interp([scores[place == 0].max(), scores[place == len(values) - 1].min()], centres, values)
    return float(2 * values[0] - first), float(2 * values[-1] - last)
