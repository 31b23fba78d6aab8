"""Heads are chosen from what the rows answer, and mistakes are told at once."""

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.training.heads import UNKNOWN, answers_of, choose_heads
from hatetinyllm.types import Example, Splits

ROWS = (
    Example(text="a", id="1", labels={"hate": ("hate",), "type": ("threat", "derogation"), "aggression": ("overt",)}),
    Example(text="b", id="2", labels={"hate": ("not_hate",)}),
)
SPLITS = Splits(name="mine", train=ROWS)


def test_the_datas_own_question_is_the_default() -> None:
    (head,) = choose_heads(SPLITS)
    assert (head.name, head.labels, head.positive) == ("hate", ("not_hate", "hate"), "hate")


def test_the_truth_is_an_index_or_marks_or_unknown() -> None:
    heads = choose_heads(SPLITS, heads=("hate", "type"))
    one, many = answers_of(ROWS, heads).by_head
    assert one.tolist() == [1, 0]
    assert many[0].sum() == 2
    assert set(many[1].tolist()) == {UNKNOWN}


def test_all_mistakes_are_told() -> None:
    with pytest.raises(DataError) as caught:
        choose_heads(SPLITS, heads=("hat", "toxicity", "toxicity"))
    said = str(caught.value)
    assert "did you mean 'hate'" in said
    assert "no row to train on has a toxicity label (the rows answer: aggression, hate, type)" in said
    assert "head 'toxicity' stands 2 times" in said


def test_the_headline_has_two_labels() -> None:
    with pytest.raises(DataError, match="must be one of two"):
        choose_heads(SPLITS, heads=("aggression",))


def test_a_head_of_many_labels_offers_those_that_can_be_learnt() -> None:
    _, kind = choose_heads(SPLITS, heads=("hate", "type"))
    assert kind.labels == ("derogation", "threat")
    nobody = Splits(name="mine", train=(Example(text="a", id="1", labels={"hate": ("hate",), "target": ()}),))
    with pytest.raises(DataError, match="cannot be learnt") as caught:
        choose_heads(nobody, heads=("hate", "target"))
    assert "no row to train on has a target label" in caught.value.problems[0]


def test_a_head_whose_rows_all_say_the_same_is_told_of() -> None:
    toxic = Example(text="a", id="t", labels={"toxicity": ("toxic",)})
    with pytest.raises(DataError) as caught:
        choose_heads(Splits(name="mine", train=(*ROWS, toxic)), heads=("hate", "toxicity"))
    assert list(caught.value.problems) == ["all rows to train on that answer toxicity say toxic: there is nothing to tell apart"]
