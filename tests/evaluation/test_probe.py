"""The probe overrules where a near row has a say, and its figures are those worked out by hand."""

import numpy as np
import pytest

from hatetinyllm.evaluation.grams import learn_weights, weigh
from hatetinyllm.evaluation.index import make_index
from hatetinyllm.evaluation.neighbours import nearest_rows
from hatetinyllm.evaluation.probe import Looked, figures, guesses, histogram, learnt_rows, look_up


def looked(**changes: object) -> Looked:
    given = {
        "truth": np.array([1, 1, 0, 0], dtype=np.int8),
        "guess": np.array([1, 0, 0, 1], dtype=np.int8),
        "label": np.array([0, 0, 0, -1], dtype=np.int8),
        "cosine": np.array([0.95, 0.72, 0.5, 0.0], dtype=np.float32),
        "say": np.array([True, True, False, False]),
    }
    return Looked(**{**given, **changes})  # type: ignore[arg-type]


def test_figures_are_those_by_hand() -> None:
    found = figures("test", looked())
    assert (found.rows, found.positive, found.majority, found.overruled) == (4, 0.5, 0.5, 2)
    assert found.logistic == 0.5
    assert found.nearest == pytest.approx(1 / 3)  # the fourth has no nearest
    assert found.probe == 0.75  # two opposites of 0 are right, and so is the third guess
    assert found.copied == 0.25
    assert [(one.rows, one.share, one.opposite) for one in found.close] == [
        (3, 0.75, pytest.approx(2 / 3)),
        (2, 0.5, 1),
        (1, 0.25, 1),
    ]


def test_without_a_regression_there_is_no_probe() -> None:
    found = figures("test", looked(guess=None))
    assert found.logistic is found.probe is found.copied is None
    assert found.nearest is not None


def test_no_rows_have_no_figures() -> None:
    found = figures("test", looked().only(np.zeros(4, dtype=bool)))
    assert (found.rows, found.positive, found.majority, found.nearest, found.probe) == (0, None, None, None, None)
    assert [(one.rows, one.share, one.opposite) for one in found.close] == [(0, None, None)] * 3


def test_the_histogram_holds_every_row_with_a_known_nearest_label() -> None:
    found = histogram(looked(cosine=np.array([1.0, 0.7, 0.5, 0.0], dtype=np.float32)))
    assert [(one.low, one.same, one.opposite) for one in found if one.same or one.opposite] == [
        (0.5, 1, 0),
        (0.7, 0, 1),
        (0.95, 0, 1),
    ]
    assert found[0].low == 0
    assert found[-1].high == 1


def test_a_contested_row_has_no_say() -> None:
    train = ["the lovely summer weather here", "the lovely winter evening there", "the lovely winter evening then", *"abcd"]
    labels = np.array([1, 1, 0, 1, 0, 1, 0], dtype=np.int8)
    test = ["The lovely summer weather here", "The lovely winter evening there", "nothing like any of them"]
    weights = learn_weights(train)
    vectors, rows = weigh(train, weights), weigh(test, weights)
    index = make_index(vectors)
    truth = np.array([0, 0, 1], dtype=np.int8)
    guess = guesses(vectors, labels, rows)
    found = look_up(index, labels, truth, nearest_rows(index, rows), guess)
    assert guess is not None
    assert found.guess is guess
    assert found.label.tolist()[:2] == [1, 1]
    assert found.say.tolist() == [True, False, False]


def test_the_regression_learns_from_all_labelled_rows_or_from_each_label_by_its_share() -> None:
    labels = np.array([1, 0, -1, 0] * 100, dtype=np.int8)
    assert learnt_rows(labels, 300, 1).tolist() == np.flatnonzero(labels >= 0).tolist()
    drawn = learnt_rows(labels, 30, 1)
    assert len(set(drawn.tolist())) == 30
    assert labels[drawn].sum() == 10
    assert np.array_equal(drawn, learnt_rows(labels, 30, 1))
    assert not np.array_equal(drawn, learnt_rows(labels, 30, 2))
