"""The nouns are true by construction: each invariant has a test that breaks it."""

import pytest

from hatetinyllm.types import Band, Example, Head, Range, Reason, Result, Splits, Verdict


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
        {"guess": "hate", "label": "hate", "reason": Reason.UNSURE, "score": 0.9},
        {"guess": "hate", "label": "not_hate", "reason": Reason.MODEL, "score": 0.9},
        {"guess": "hate", "label": "hate", "reason": Reason.THRESHOLD, "score": 0.9},
        {"guess": "hate", "label": None, "reason": Reason.EMPTY_TEXT, "score": None},
        {"guess": None, "label": "hate", "reason": Reason.TOO_LARGE, "score": None},
        {"guess": None, "label": None, "reason": Reason.NOT_TEXT, "score": 0.5},
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


def test_ranges_are_said_in_words() -> None:
    assert [str(Range(low=1)), str(Range(low=0, high=1)), str(Range(low=0, open=True))] == ["1 or more", "from 0 to 1", "above 0"]
