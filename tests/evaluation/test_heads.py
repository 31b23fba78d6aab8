"""Heads of every kind are judged by what their rows say, and labels no text has spoil no mean."""

import numpy as np
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores, truth_of
from hatetinyllm.evaluation.heads import judge_head
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
TARGET = Head(name="target", labels=("men", "muslims", "women"), many=True)
ANGER = Head(name="aggression", labels=("none", "covert", "overt"), positive="overt")


def rows(name: str, *answers: tuple[str, ...]) -> list[Example]:
    return [Example(text="a", id=str(row), labels={name: said}) for row, said in enumerate(answers)]


def test_of_two_labels_it_is_the_usual_result() -> None:
    examples = rows("hate", ("hate",), ("not_hate",), ("hate",))
    found = np.array([[0.1, 0.9], [0.7, 0.3], [0.6, 0.4]])
    usual = judge_scores(truth_of(examples, HATE), found[:, 1], HATE, name="dev, hate", left_out=2)
    assert judge_head(examples, found, HATE, name="dev, hate", left_out=2) == usual


def test_of_several_at_once_a_row_is_a_text_and_a_label() -> None:
    examples = rows("target", ("women",), (), ("women", "muslims"), ("muslims",))
    found = np.array([[0.1, 0.2, 0.9], [0.1, 0.1, 0.8], [0.2, 0.9, 0.7], [0.6, 0.4, 0.1]])
    result = judge_head(examples, found, TARGET, name="test, target")
    assert (result.head, result.positive, result.rows, result.prevalence) == ("target", "holds", 12, pytest.approx(4 / 12))
    assert result.confusion["holds"] == {"absent": 1, "holds": 3}
    assert result.confusion["absent"] == {"absent": 6, "holds": 2}
    assert result.metrics["f1_women"] == pytest.approx(2 * 2 / (2 + 3))
    assert result.metrics["f1_muslims"] == pytest.approx(2 * 1 / (2 + 1))
    assert result.metrics["f1_men"] is None
    assert result.metrics["mean_f1"] == pytest.approx((0.8 + 2 / 3) / 2)


def test_of_several_the_likeliest_counts() -> None:
    examples = rows("aggression", ("none",), ("covert",), ("covert",), ("none",))
    found = np.array([[0.5, 0.3, 0.2], [0.4, 0.5, 0.1], [0.1, 0.4, 0.5], [0.9, 0.1, 0.0]])
    result = judge_head(examples, found, ANGER, name="test, aggression")
    assert result.confusion["covert"] == {"none": 0, "covert": 1, "overt": 1}
    assert result.metrics == {
        "accuracy": 0.75, "macro_f1": pytest.approx((1 + 2 / 3) / 2), "mean_f1": pytest.approx((1 + 2 / 3) / 2),
        "f1_none": 1.0, "f1_covert": pytest.approx(2 / 3), "f1_overt": None,
    }  # fmt: skip
    assert result.prevalence == 0


def test_no_rows_are_no_result() -> None:
    with pytest.raises(DataError, match="no row answers target"):
        judge_head([], np.zeros((0, 3)), TARGET, name="dev, target")
