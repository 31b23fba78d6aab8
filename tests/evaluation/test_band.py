"""The band never holds more rows than the budget allows, and no band that fits has fewer errors outside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.evaluation.band import review_band
from hatetinyllm.evaluation.promise import Refused
from hatetinyllm.types import Band

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 20).map(lambda level: level / 20)), min_size=10, max_size=60)


def counted(truth: np.ndarray, scores: np.ndarray, band: Band) -> tuple[int, int]:
    """Errors outside the band, and rows in it, as the policy would have them."""
    called, waits = scores >= band.high, (scores >= band.low) & (scores < band.high)
    return int((called & (truth == 0)).sum() + (~called & ~waits & (truth == 1)).sum()), int(waits.sum())


@given(rows, st.sampled_from([0.1, 0.25, 0.5]))
def test_no_band_within_the_budget_is_better(rows: list[tuple[bool, float]], budget: float) -> None:
    truth, scores = np.array([int(label) for label, _ in rows]), np.array([score for _, score in rows])
    band = review_band(truth, scores, budget)
    assert isinstance(band, Band)
    ends = [0.0, *(level / 20 + 0.025 for level in range(20)), *([1.0] if scores.max() < 1 else [])]
    tried = [counted(truth, scores, Band(low=low, high=high)) for low in ends for high in ends if low <= high]
    found = counted(truth, scores, band)
    assert found[1] <= budget * len(rows)
    assert found == min(one for one in tried if one[1] <= budget * len(rows))


@given(rows, st.randoms())
def test_the_order_of_the_rows_changes_nothing(rows: list[tuple[bool, float]], chance) -> None:
    mixed = chance.sample(rows, len(rows))
    one, other = (
        review_band(np.array([int(label) for label, _ in given_rows]), np.array([score for _, score in given_rows]), 0.2)
        for given_rows in (rows, mixed)
    )
    assert one == other


def test_rows_that_are_told_apart_need_nobody() -> None:
    truth, scores = np.array([0] * 10 + [1] * 10), np.array([0.2] * 10 + [0.8] * 10)
    assert review_band(truth, scores, 0.5) == Band(low=0.5, high=0.5)


def test_a_budget_of_less_than_a_row_is_refused() -> None:
    found = review_band(np.array([0, 1] * 4), np.linspace(0, 1, 8), 0.1)
    assert isinstance(found, Refused)
    assert "10 % of 8 rows are less than one row" in found.reason


def test_a_tenth_of_thirty_rows_is_three() -> None:
    truth = np.array([0] * 14 + [1, 0, 1] + [1] * 13)
    band = review_band(truth, np.linspace(0.1, 0.9, 30).round(4), 0.1)
    assert isinstance(band, Band)
    assert counted(truth, np.linspace(0.1, 0.9, 30).round(4), band) == (0, 2)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_rows_of_one_score_have_a_band_of_nothing_or_all(score: float) -> None:
    found = review_band(np.array([0, 1] * 5), np.full(10, score), 0.5)
    assert isinstance(found, Band)
    assert counted(np.array([0, 1] * 5), np.full(10, score), found) == (5, 0)
