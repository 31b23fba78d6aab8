"""Logits to probabilities, and the windows of a long text to one answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.scores import follow_curve, join_windows, log_odds, positive_scores, probabilities, score_of
from hatetinyllm.types import Curve, Head

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
    warm, cold = (positive_scores(probabilities(logits, [HATE], {"hate": t}), HATE)[0] for t in (2.0, 1.0))
    assert 0.5 < warm < cold
    assert warm == pytest.approx(1 / (1 + np.exp(-1)))


def test_a_temperature_is_one_heads_own() -> None:
    logits = np.array([[0.0, 2.0, 1.0, -1.0, 0.5]])
    found, other = (probabilities(logits, [HATE, TARGET], temperatures) for temperatures in ({"hate": 3.0}, {}))
    assert found["target"].tolist() == other["target"].tolist()
    assert found["hate"].tolist() != other["hate"].tolist()


logit_rows = st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30), numbers, numbers, numbers), min_size=1, max_size=9)


@given(logit_rows, st.floats(0.05, 20), st.sampled_from([None, Curve(scores=(0.0, 0.3, 1.0), values=(0.1, 0.1, 0.8))]))
def test_log_odds_become_the_scores_that_a_detector_gives(
    rows: list[tuple[float, ...]], temperature: float, curve: Curve | None
) -> None:
    logits, counts = np.array(rows), [len(rows) // 2, 0, len(rows) - len(rows) // 2]
    joined = join_windows(probabilities(logits, [HATE, TARGET], {"hate": temperature}), [HATE, TARGET], counts)
    if curve is not None:
        joined = follow_curve(joined, HATE, curve)
    found = score_of(log_odds(logits, [HATE, TARGET], counts), temperature, curve)
    np.testing.assert_allclose(found, positive_scores(joined, HATE), atol=1e-12)


def test_log_odds_of_another_head_are_read_from_its_own_logits() -> None:
    offence = Head(name="offence", labels=("offensive", "not_offensive"), positive="offensive")
    logits = np.array([[9.0, -9.0, 0.0, 0.0, 0.0, 1.0, 4.0], [9.0, -9.0, 0.0, 0.0, 0.0, 2.5, 2.0]])
    heads = [HATE, TARGET, offence]
    assert log_odds(logits, heads, [1, 1], of=offence).tolist() == [-3.0, 0.5]
    assert log_odds(logits, heads, [2], of=offence).tolist() == [0.5]
    assert log_odds(logits, heads, [1, 1]).tolist() == log_odds(logits, heads, [1, 1], of=HATE).tolist() == [-18.0, -18.0]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_a_curve_keeps_the_order_of_scores_and_two_labels_sum_to_one(scores: list[float]) -> None:
    curve = Curve(scores=(0.2, 0.5, 0.9), values=(0.05, 0.05, 0.7))
    given_scores = np.sort(np.array(scores))
    joined = {"hate": np.stack([1 - given_scores, given_scores], axis=1), "target": np.zeros((len(scores), 3))}
    found = follow_curve(joined, HATE, curve)
    mapped = positive_scores(found, HATE)
    assert (np.diff(mapped) >= -1e-15).all()
    assert mapped.min() >= 0.05
    assert mapped.max() <= 0.7
    assert found["hate"].sum(axis=1) == pytest.approx(1)
    assert found["target"] is joined["target"]


def test_what_has_no_score_has_none_after_a_curve() -> None:
    found = follow_curve({"hate": np.full((1, 2), np.nan)}, HATE, Curve(scores=(0.0, 1.0), values=(0.1, 0.9)))
    assert np.isnan(found["hate"]).all()


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
