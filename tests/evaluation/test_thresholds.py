"""Modes are chosen on the dev part: the best macro-F1, the wanted precision, and nothing that cannot be had."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hatetinyllm.evaluation.thresholds import PRECISION_WANTED, ROWS_WANTED, choose_bands, cuts_of, high_recall
from hatetinyllm.metrics.classification import macro_f1, precision, recall
from hatetinyllm.types import Band

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 20).map(lambda n: n / 20)), min_size=2, max_size=120)


@given(rows)
def test_no_threshold_has_a_better_macro_f1_than_balanced(rows: list[tuple[bool, float]]) -> None:
    truth, scores = np.array([int(label) for label, _ in rows]), np.array([score for _, score in rows])
    bands = choose_bands(truth, scores)
    assert bands["best-guess"] == Band(low=0.5, high=0.5)
    if len(set(truth)) < 2:
        assert set(bands) == {"best-guess"}
        return
    best = max(macro_f1(truth, scores, threshold=cut) for cut in set(scores))
    assert macro_f1(truth, scores, threshold=bands["balanced"].high) == pytest.approx(best)


@given(rows)
def test_high_precision_keeps_its_word_on_the_rows_it_was_chosen_on(rows: list[tuple[bool, float]]) -> None:
    truth, scores = np.array([int(label) for label, _ in rows]), np.array([score for _, score in rows])
    band = choose_bands(truth, scores).get("high-precision")
    enough = [cut for cut in set(scores) if (scores >= cut).sum() >= ROWS_WANTED]
    reached = [cut for cut in enough if precision(truth, scores, threshold=cut) >= PRECISION_WANTED]
    if len(set(truth)) < 2 or not reached:
        assert band is None
    else:
        assert band is not None
        assert (scores >= band.high).sum() == (scores >= min(reached)).sum()
        assert band.high not in scores or band.high == 0


@given(rows, st.sampled_from([0.5, 0.95, 1.0]))
def test_high_recall_is_the_highest_threshold_that_reaches_it(rows: list[tuple[bool, float]], wanted: float) -> None:
    truth, scores = np.array([int(label) for label, _ in rows]), np.array([score for _, score in rows])
    assume(0 < truth.sum() < len(truth))
    threshold = high_recall(cuts_of(truth, scores), wanted)
    assert recall(truth, scores, threshold=threshold) >= wanted
    above = [score for score in set(scores) if (scores < score).sum() > (scores < threshold).sum()]
    assert all(recall(truth, scores, threshold=higher) < wanted for higher in above)
