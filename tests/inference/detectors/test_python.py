"""A function of the user's own may give scores, labels or bools; anything else is told without the text."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hatetinyllm.errors import DetectorError, UnknownName
from hatetinyllm.inference.detectors.python import of_function, open_detector

TEXTS = ["an awful one", "a mild one", "a third"]


def scores_of(answers: Any, positive: str | None = None) -> list[float]:
    return of_function(lambda texts: answers, positive=positive).ask(TEXTS, lambda count: None).scores.tolist()


@pytest.mark.parametrize(
    "answers",
    [[0.9, 0.2, 0.0], np.array([0.9, 0.2, 0.0]), (0.9, 0.2, 0)],
)
def test_scores_are_taken_as_they_are(answers: Any) -> None:
    assert scores_of(answers) == [0.9, 0.2, 0.0]


@pytest.mark.parametrize("answers", [[True, False, False], np.array([True, False, False]), ["hate", "not_hate", "nothate"]])
def test_bools_and_labels_become_scores(answers: Any) -> None:
    assert scores_of(answers) == [1, 0, 0]


def test_labels_of_another_name_are_held_against_the_positive_one() -> None:
    assert scores_of(["toxic", "fine", "fine"], positive="toxic") == [1, 0, 0]


def test_none_and_nan_are_no_answer() -> None:
    found = of_function(lambda texts: [None, float("nan"), 0.5]).ask(TEXTS, lambda count: None)
    assert np.isnan(found.scores).tolist() == [True, True, False]
    assert found.reasons == {0: "no answer", 1: "no answer"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([0.1, 0.2], "2 answers for 3 texts"),
        (0.5, "gave float"),
        ("hate", "gave str"),
        ([0.1, 1.2, 0], "gave 1.2 for text 2"),
        (["toxic"] * 3, "nobody knows what it means"),
        ([{"score": 1}] * 3, "gave dict for text 1"),
    ],
)
def test_other_answers_are_told(answers: Any, said: str) -> None:
    with pytest.raises(DetectorError, match=said):
        scores_of(answers)


def test_what_a_function_raises_is_told_without_the_text() -> None:
    def broken(texts: list[str]) -> list[float]:
        raise ValueError(texts[0])

    with pytest.raises(DetectorError, match="raised ValueError") as told:
        of_function(broken).ask(TEXTS, lambda count: None)
    assert "awful" not in str(told.value)


def test_many_texts_come_in_parts_and_progress_is_told() -> None:
    sizes: list[int] = []
    told: list[int] = []

    def count(texts: list[str]) -> list[float]:
        sizes.append(len(texts))
        return [0.0] * len(texts)

    assert len(of_function(count).ask(["a text"] * 600, told.append).scores) == 600
    assert sizes == told == [256, 256, 88]


def test_a_module_of_the_current_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_filter_of_a_test.py").write_text("def scores(texts):\n    return [1.0 for text in texts]\n")
    monkeypatch.chdir(tmp_path)
    detector = open_detector("my_filter_of_a_test:scores")
    assert detector.ask(TEXTS, lambda count: None).scores.tolist() == [1, 1, 1]
    assert detector.identity == "python:my_filter_of_a_test:scores"


def test_a_place_that_is_none_is_told() -> None:
    with pytest.raises(DetectorError, match="names no function"):
        open_detector("json")
    with pytest.raises(UnknownName, match="no module 'no_such_module'"):
        open_detector("no_such_module:scores")
    with pytest.raises(UnknownName, match="no function 'scores'"):
        open_detector("json:scores")
