"""Logits to probabilities, and the windows of a long text to one answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.scores import join_windows, positive_scores, probabilities
from hatetinyllm.types import Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
TARGET = Head(name="target", labels=("women", "muslims", "jews"), many=True)
WHO = Head(name="addressee", labels=("nobody", "group"))
numbers = st.floats(-1e4, 1e4)


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers, numbers), min_size=1, max_size=5))
def test_one_answer_heads_sum_to_one_and_others_stand_alone(rows: list[tuple[float, ...]]) -> None:
    found = probabilities(np.array(rows), [HATE, TARGET])
    assert found["hate"].sum(axis=1) == pytest.approx(1)
    assert found["target"].shape == (len(rows), 3)
    assert all((values >= 0).all() and (values <= 1).all() for values in found.values())


def test_heads_read_their_own_logits() -> None:
    found = probabilities(np.array([[0.0, 0.0, 100.0, -100.0, 0.0]]), [HATE, TARGET])
    assert found["hate"].tolist() == [[0.5, 0.5]]
    assert found["target"].tolist() == [[1.0, 0.0, 0.5]]


def test_temperature_flattens() -> None:
    logits = np.array([[0.0, 2.0]])
    warm, cold = (positive_scores(probabilities(logits, [HATE], t), HATE)[0] for t in (2.0, 1.0))
    assert 0.5 < warm < cold
    assert warm == pytest.approx(1 / (1 + np.exp(-1)))


def test_a_long_text_answers_by_its_most_hateful_window() -> None:
    found = {"hate": np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])}
    joined = join_windows(found, [HATE], [3, 0, 1])
    assert positive_scores(joined, HATE)[[0, 2]].tolist() == [0.8, 0.7]
    assert np.isnan(joined["hate"][1]).all()
    assert joined["hate"][0].tolist() == [0.2, 0.8]


def test_other_heads_take_each_labels_highest_or_the_mean() -> None:
    found = {"target": np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.1]]), "addressee": np.array([[1.0, 0.0], [0.0, 1.0]])}
    joined = join_windows(found, [TARGET, WHO], [2])
    assert joined["target"][0].tolist() == [0.9, 0.8, 0.1]
    assert joined["addressee"][0].tolist() == [0.5, 0.5]
