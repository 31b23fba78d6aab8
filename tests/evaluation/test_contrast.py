"""Contrast pairs: both right, beside what independent answers would reach."""

import numpy as np
import pytest

from hatetinyllm.evaluation.contrast import contrasts_of
from hatetinyllm.evaluation.rows import Rows


def pairs_of(truth: list[int], calls: list[int]) -> Rows:
    count = len(truth)
    return Rows(
        ids=tuple(str(row) for row in range(count)),
        truth=np.array(truth),
        scores=np.array(calls, dtype=np.float64),
        clusters=np.arange(count) // 2,
        partners=tuple((str(row ^ 1),) for row in range(count)),
    )


def test_both_members_must_be_right() -> None:
    rows = pairs_of([1, 0, 1, 0, 1, 0, 1, 0], [1, 0, 1, 1, 0, 0, 0, 1])
    (flip,) = contrasts_of(rows, threshold=0.5, draws=200, seed=1)
    assert (flip.kind, flip.pairs, flip.consistent) == ("flip", 4, 0.25)
    assert flip.expected == pytest.approx(0.25)  # half of the rows are right
    assert flip.same == 0.5


def test_kinds_are_told_apart_by_their_labels() -> None:
    rows = pairs_of([1, 0, 1, 1, 0, 0], [1, 0, 1, 0, 1, 1])
    flip, invariance = contrasts_of(rows, threshold=0.5, draws=200, seed=1)
    assert (flip.kind, flip.pairs, invariance.kind, invariance.pairs) == ("flip", 1, "invariance", 2)
    assert (invariance.consistent, invariance.same) == (0.0, 0.5)


def test_without_pairs_there_is_nothing(noisy_rows) -> None:
    assert contrasts_of(noisy_rows(10), threshold=0.5, draws=200, seed=1) == ()


def test_independent_answers_come_to_what_is_expected_of_them() -> None:
    generator = np.random.default_rng(3)
    truth = [1, 0] * 2000
    calls = [label if generator.random() < 0.8 else 1 - label for label in truth]
    (flip,) = contrasts_of(pairs_of(truth, calls), threshold=0.5, draws=400, seed=1)
    assert flip.interval is not None
    assert flip.above_expected is not None
    assert flip.interval.low < 0.64 < flip.interval.high
    assert flip.above_expected.low < 0 < flip.above_expected.high


def test_a_model_that_copies_its_neighbour_falls_below() -> None:
    generator = np.random.default_rng(3)
    truth = [1, 0] * 500
    calls = [int(call) for call in np.repeat(generator.random(500) < 0.5, 2)]
    (flip,) = contrasts_of(pairs_of(truth, calls), threshold=0.5, draws=400, seed=1)
    assert flip.consistent == 0.0
    assert flip.same == 1.0
    assert flip.above_expected is not None
    assert flip.above_expected.high < 0


def test_few_groups_of_pairs_have_no_interval() -> None:
    (flip,) = contrasts_of(pairs_of([1, 0] * 4, [0, 1] * 4), threshold=0.5, draws=100, seed=1)
    assert flip.consistent == 0.0
    assert flip.interval is None
    assert flip.above_expected is None
