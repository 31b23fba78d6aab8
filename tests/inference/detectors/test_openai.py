"""OpenAI's form: a list of inputs, a result for each, the score of one category and its flag."""

import pytest

from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors.openai import open_detector

TEXTS = ["an awful one", "a mild one", "another"]


def test_texts_go_in_batches_and_score_and_flag_come_back(stub) -> None:
    detector = open_detector(stub.address, batch=2, model="mine")
    found = detector.ask(TEXTS, lambda count: None)
    assert found.scores.tolist() == [0.9, 0.1, 0.1]
    assert found.calls == (True, False, False)
    assert sorted(len(body["input"]) for _, _, body in stub.asked[1:]) == [1, 2]
    assert {body["model"] for _, _, body in stub.asked} == {"mine"}
    assert detector.identity == f"{stub.address}/v1/moderations mine"


def test_the_usual_key_is_sent_where_it_is_set(stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    open_detector(stub.address)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-a-test")
    open_detector(stub.address)
    assert [headers.get("Authorization") for _, headers, _ in stub.asked] == [None, "Bearer sk-of-a-test"]


def test_no_flag_is_no_decision(stub) -> None:
    stub.wrong = {"results": [{"category_scores": {"hate": 0.4}}]}
    found = open_detector(stub.address).ask(["one"], lambda count: None)
    assert (found.scores.tolist(), found.calls) == ([0.4], None)


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        ({"object": "list"}, "the answer is an object with 'object'"),
        ({"results": []}, "results is a list of 0"),
        ({"results": [{"category_scores": {"harassment": 0.1}}]}, "category_scores is an object with 'harassment'"),
        ({"results": [{"category_scores": {"hate": "high"}}]}, "category_scores.hate is a text"),
        ([[{"label": "hate", "score": 0.1}]], "the answer is a list of 1"),
    ],
)
def test_another_form_is_told_with_what_was_seen(stub, wrong: object, seen: str) -> None:
    detector = open_detector(stub.address)
    stub.wrong = wrong
    with pytest.raises(DetectorError, match="does not answer in the form of OpenAI moderations") as told:
        detector.ask(["one"], lambda count: None)
    assert told.value.problems[0] == f"seen: {seen}"


def test_a_category_that_is_not_there_is_told_as_it_is_opened(stub) -> None:
    with pytest.raises(DetectorError, match=r"expected: category_scores\.violence"):
        open_detector(stub.address, category="violence")
