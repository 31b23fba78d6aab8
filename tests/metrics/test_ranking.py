"""AUROC is the chance that a positive row scores higher, ties one half."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.metrics.ranking import auroc

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40)


@given(rows)
def test_it_is_the_share_of_pairs_in_order(rows: list[tuple[bool, int]]) -> None:
    positives, negatives = ([score for label, score in rows if label is wanted] for wanted in (True, False))
    found = auroc(np.array([int(label) for label, _ in rows]), np.array([float(score) for _, score in rows]))
    if not positives or not negatives:
        assert math.isnan(found)
        return
    pairs = [(high > low) + 0.5 * (high == low) for high in positives for low in negatives]
    assert found == pytest.approx(sum(pairs) / len(pairs))
