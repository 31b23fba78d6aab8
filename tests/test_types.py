"""The nouns are true by construction: each invariant has a test that breaks it."""

import pytest

from hatetinyllm.types import (
    Band,
    Counted,
    Curve,
    Example,
    Head,
    Interval,
    Promise,
    Range,
    Reason,
    Result,
    Splits,
    Verdict,
)


def test_a_label_is_the_headline_answer_or_nothing() -> None:
    assert Example(text="a", id="1", labels={"hate": ("hate",)}).label == "hate"
    assert Example(text="a", id="1", labels={"toxicity": ("toxic",)}).label is None


def test_an_id_stands_once_in_all_parts() -> None:
    row = Example(text="a", id="1")
    with pytest.raises(ValueError, match="'1' stands twice"):
        Splits(name="mine", train=(row,), test=(row,))


@pytest.mark.parametrize(
    "wrong",
    [
        {"guess": None, "label": "hate", "reason": Reason.MODEL, "score": 0.9},
        {"guess": "hate", "label": "hate", "reason": Reason.MODEL, "score": 1.1},
        {"guess": "hate", "label": "hate", "reason": Reason.MODEL, "score": None},
        {"guess": "hate", "label": None, "reason": Reason.MODEL, "score": 0.9},
        {"guess": "hate", "label": "hate", "reason": Reason.ABSTAIN, "score": 0.9},
        {"guess": "hate", "label": "not_hate", "reason": Reason.MODEL, "score": 0.9},
        {"guess": "hate", "label": "hate", "reason": Reason.THRESHOLD, "score": 0.9},
        {"guess": "hate", "label": None, "reason": Reason.EMPTY_TEXT, "score": None},
        {"guess": None, "label": "hate", "reason": Reason.TOO_LARGE, "score": None},
        {"guess": None, "label": None, "reason": Reason.NOT_TEXT, "score": 0.5},
        {"guess": "hate", "label": None, "reason": Reason.ABSTAIN, "score": 0.6, "threshold": 0.7, "review_from": 0.7},
        {"guess": "hate", "label": None, "reason": Reason.ABSTAIN, "score": 0.6, "review_from": 0.5},
    ],
)
def test_an_impossible_verdict_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"verdict|label"):
        Verdict(**wrong)


def test_a_result_counts_its_rows() -> None:
    with pytest.raises(ValueError, match="counts 3 rows"):
        Result(
            name="t",
            head="hate",
            positive="hate",
            rows=4,
            prevalence=0.5,
            threshold=0.5,
            metrics={},
            confusion={"hate": {"hate": 3}},
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": ("hate",)},
        {"labels": ("hate", "hate")},
        {"labels": ("a", "b"), "positive": "c"},
        {"labels": (), "many": True},
    ],
)
def test_an_impossible_head_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="head"):
        Head(name="hate", **wrong)


@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.5), (0.6, 0.5), (0.5, 1.1)])
def test_an_impossible_band_cannot_be_made(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="band"):
        Band(low=low, high=high)


@pytest.mark.parametrize(
    ("scores", "values"),
    [
        ((0.5,), (0.5,)),
        ((0.0, 1.0), (0.1, 0.2, 0.3)),
        ((0.0, 0.0), (0.1, 0.2)),
        ((-0.1, 1.0), (0.1, 0.2)),
        ((0.0, 1.1), (0.1, 0.2)),
        ((0.0, 1.0), (0.2, 0.1)),
        ((0.0, 1.0), (0.0, 0.1)),
        ((0.0, 1.0), (0.1, 1.0)),
    ],
)
def test_an_impossible_curve_cannot_be_made(scores: tuple[float, ...], values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="curve"):
        Curve(scores=scores, values=values)


PROMISE = {"fpr_at_most": 0.01, "confidence": 0.95, "negatives": 299, "errors": 0, "bound": 0.00997}


@pytest.mark.parametrize(
    "wrong", [{"fpr_at_most": 0.0}, {"confidence": 1.0}, {"errors": 299}, {"errors": -1}, {"candidates": 0}, {"bound": 0.02}]
)
def test_an_impossible_promise_cannot_be_made(wrong: dict[str, float]) -> None:
    assert Promise(**PROMISE).candidates == 1
    with pytest.raises(ValueError, match="promise"):
        Promise(**{**PROMISE, **wrong})


def test_a_count_has_a_share_where_it_is_of_anything() -> None:
    anywhere = Interval(low=0, high=1)
    assert Counted(rows=1, of=4, interval=anywhere).share == 0.25
    assert Counted(rows=0, of=0, interval=anywhere).share is None
    with pytest.raises(ValueError, match="no count"):
        Counted(rows=5, of=4, interval=anywhere)


def test_ranges_are_said_in_words() -> None:
    assert [str(Range(low=1)), str(Range(low=0, high=1)), str(Range(low=0, open=True))] == ["1 or more", "from 0 to 1", "above 0"]
