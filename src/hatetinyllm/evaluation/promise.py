"""
Promise a false-positive rate: at most so much, with so much confidence, whatever the scores are distributed like.

Of n negative rows, no two of them kin, k may be called positive, where k is the most errors whose exact (Clopper-Pearson)
bound stays below the promised rate. It depends on n alone, so that the threshold can be put just above the (k + 1)-th
largest score. Let q be the least score that the promised rate of negatives lies above. The rate is broken only where that
(k + 1)-th score falls below q, that is where at most k of n rows reach q though each does with at least the promised rate;
and that is as seldom as the bound says (Wilks). Ties and rounding only call fewer rows positive. Nor does it matter that
the same rows fitted a temperature or a curve: what lies above after a rising map lay above before it.

Where the rows chose among several weights, each of them must keep the promise, and each is given its share of the doubt.
"""

from dataclasses import dataclass

import numpy as np

from hatetinyllm.metrics.classification import Scores
from hatetinyllm.metrics.rate import most_errors, rows_needed, upper_bound
from hatetinyllm.policy import DIGITS
from hatetinyllm.types import Promise


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why a mode cannot be had; where more rows would help, how many negatives are here and how many it takes."""

    reason: str
    has: int | None = None
    needs: int | None = None


def promise_of(negatives: int, *, fpr_at_most: float, confidence: float, candidates: int = 1) -> Promise | Refused:
    """What so many independent negatives can promise."""
    each = 1 - (1 - confidence) / candidates
    errors = most_errors(negatives, fpr_at_most, each) if negatives else None
    if errors is None:
        needs = rows_needed(fpr_at_most, each)
        at_once = f", of each of {candidates} versions of the weights at once," if candidates > 1 else ""
        told = f"a false-positive rate of at most {percent(fpr_at_most)} with {percent(confidence)} confidence{at_once}"
        reason = f"{told} takes {needs:,} independent negative rows, and there are {negatives:,}"
        return Refused(reason=reason, has=negatives, needs=needs)
    return Promise(
        fpr_at_most=fpr_at_most,
        confidence=confidence,
        negatives=negatives,
        errors=errors,
        candidates=candidates,
        bound=upper_bound(errors, negatives, each),
    )


def promised_threshold(scores: Scores, promise: Promise) -> float | Refused:
    """The threshold that keeps the promise, from the scores of these negatives, rounded as they are shown."""
    assert len(scores) == promise.negatives, (len(scores), promise)
    edge = float(np.sort(scores)[::-1][promise.errors])
    threshold: float = round(edge + 0.5 / 10**DIGITS, DIGITS + 1)
    if threshold > 1:
        return Refused(
            reason=f"more than {promise.errors:,} independent negative rows score {edge:g}: no threshold lies above them"
        )
    return threshold


def percent(share: float) -> str:
    """A share in per cent, as short as it can be said."""
    return f"{100 * share:.10g} %"
