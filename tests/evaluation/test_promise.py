"""
The guarantee is kept: over simulated calibrations the true false-positive rate breaks the promise as seldom as promised.

True rates are in closed form. Each simulation draws the negatives anew and asks for the threshold; how often the promise may
be broken is a binomial count, so the test allows what such a count reaches once in ten thousand times at its promised rate.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from hatetinyllm.evaluation.calibration import shown
from hatetinyllm.evaluation.promise import Refused, percent, promise_of, promised_threshold
from hatetinyllm.policy import DIGITS, judge
from hatetinyllm.types import Band, Head, Promise

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
SIMULATIONS = 1000


def promise(negatives: int, **changes: float) -> Promise:
    made = promise_of(negatives, **{"fpr_at_most": 0.01, "confidence": 0.95, **changes})
    assert isinstance(made, Promise)
    return made


def threshold_of(scores: NDArray[np.float64], made: Promise) -> float:
    found = promised_threshold(scores, made)
    assert isinstance(found, float)
    return found


def rate_at(scores: NDArray[np.float64], made: Promise, rate_of: Callable[[float], float]) -> float:
    """The true rate; where no threshold lies above the scores nothing is called positive, and no promise broken."""
    found = promised_threshold(scores, made)
    return 0.0 if isinstance(found, Refused) else rate_of(found)


def uniform(threshold: float) -> float:
    """The share of scores, even from 0 to 1, that are shown at or above a threshold of five digits."""
    return 1 - (np.ceil(threshold * 10**DIGITS - 1e-6) - 0.5) / 10**DIGITS


def coarse(threshold: float) -> float:
    """The same of scores that are .00, .01, ... .99, all as likely: ties everywhere."""
    return float(sum(level / 100 >= threshold for level in range(100))) / 100


def draw_uniform(chance: np.random.Generator, size: int) -> NDArray[np.float64]:
    return chance.random(size)


def draw_coarse(chance: np.random.Generator, size: int) -> NDArray[np.float64]:
    return chance.integers(0, 100, size) / 100


Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]


@pytest.mark.parametrize("negatives", [299, 473, 1000, 3000])
@pytest.mark.parametrize(("draw", "rate_of"), [(draw_uniform, uniform), (draw_coarse, coarse)])
def test_the_promise_is_broken_as_seldom_as_promised(negatives: int, draw: Draw, rate_of: Callable[[float], float]) -> None:
    chance, made = np.random.default_rng(negatives), promise(negatives)
    broken = sum(rate_at(shown(draw(chance, negatives)), made, rate_of) > 0.01 for _ in range(SIMULATIONS))
    assert broken <= binom.ppf(0.9999, SIMULATIONS, 0.05)


def test_a_promise_that_took_one_error_more_would_be_broken_too_often() -> None:
    chance, negatives = np.random.default_rng(1), 473
    greedy = Promise(fpr_at_most=0.01, confidence=0.95, negatives=negatives, errors=promise(negatives).errors + 1, bound=0.01)
    broken = sum(rate_at(shown(chance.random(negatives)), greedy, uniform) > 0.01 for _ in range(SIMULATIONS))
    assert broken > binom.ppf(0.9999, SIMULATIONS, 0.05)


@pytest.mark.parametrize(("rate", "confidence", "negatives"), [(0.05, 0.9, 200), (0.005, 0.9, 800), (0.1, 0.99, 100)])
def test_other_promises_are_kept_too(rate: float, confidence: float, negatives: int) -> None:
    chance, made = np.random.default_rng(7), promise(negatives, fpr_at_most=rate, confidence=confidence)
    broken = sum(rate_at(shown(chance.random(negatives)), made, uniform) > rate for _ in range(SIMULATIONS))
    assert broken <= binom.ppf(0.9999, SIMULATIONS, 1 - confidence)


def test_the_best_of_several_candidates_keeps_the_promise_made_to_all() -> None:
    chance, candidates, negatives = np.random.default_rng(3), 5, 700
    worst = {1: 0, candidates: 0}
    for _ in range(SIMULATIONS):
        scores = [shown(chance.random(negatives)) for _ in range(candidates)]
        for told in worst:
            made = promise(negatives, candidates=told)
            worst[told] += max(rate_at(one, made, uniform) for one in scores) > 0.01
    assert worst[candidates] <= binom.ppf(0.9999, SIMULATIONS, 0.05)
    assert worst[1] > binom.ppf(0.9999, SIMULATIONS, 0.05)  # as if they had not chosen


@pytest.mark.parametrize("negatives", [0, 1, 298])
def test_what_the_rows_cannot_support_is_refused_with_how_many_it_takes(negatives: int) -> None:
    found = promise_of(negatives, fpr_at_most=0.01, confidence=0.95)
    assert isinstance(found, Refused)
    assert (found.has, found.needs) == (negatives, 299)
    assert f"takes 299 independent negative rows, and there are {negatives}" in found.reason
    assert promise(299).errors == 0


def test_more_candidates_take_more_rows() -> None:
    found = promise_of(299, fpr_at_most=0.01, confidence=0.95, candidates=3)
    assert isinstance(found, Refused)
    assert found.needs == int(np.ceil(np.log(0.05 / 3) / np.log(0.99)))
    assert "of each of 3 versions of the weights at once" in found.reason


def test_a_threshold_above_all_scores_is_no_threshold() -> None:
    found = promised_threshold(np.ones(299), promise(299))
    assert isinstance(found, Refused)
    assert "more than 0 independent negative rows score 1" in found.reason
    assert threshold_of(np.full(299, 0.9999), promise(299)) == 0.99995


@given(st.lists(st.integers(0, 9999), min_size=299, max_size=299), st.integers(0, 9999))
def test_no_more_negatives_than_allowed_are_called_by_the_policy_itself(base: list[int], seed: int) -> None:
    scores = np.random.default_rng(seed).choice(base, 700) / 10**DIGITS
    made = promise(700)
    threshold = threshold_of(scores, made)
    band = {"fpr": Band(low=threshold, high=threshold)}
    called = sum(judge([HATE], {"hate": (1 - score, score)}, "fpr", band).label == "hate" for score in scores)
    assert called <= made.errors
    assert called == (scores > threshold).sum()


def test_shares_are_said_short() -> None:
    assert [percent(share) for share in (0.01, 0.005, 0.95, 0.999, 0.07)] == ["1 %", "0.5 %", "95 %", "99.9 %", "7 %"]
