"""Many texts: in batches and side by side, answered in their own order; one refused text is found and ends nothing."""

from collections.abc import Sequence

import numpy as np
import pytest

from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors.asking import Form, Reading, WrongForm, ask_all, field_of, score_of, seen, try_out
from hatetinyllm.inference.detectors.endpoint import Endpoint

TEXTS = [f"{'awful' if number % 3 == 0 else 'mild'} {number}" for number in range(100)]


def read(found: object, count: int) -> list[Reading]:
    return [Reading(score=one["category_scores"]["hate"]) for one in found["results"]]


def request(texts: Sequence[str]) -> object:
    return {"input": list(texts)}


FORM = Form(name="a test", request=request, read=read, batch=8)


@pytest.fixture
def endpoint(stub):
    return Endpoint(f"{stub.address}/v1/moderations", None, timeout_s=5)


@pytest.mark.parametrize("parallel", [1, 8])
def test_answers_come_in_the_order_of_the_texts(stub, endpoint, parallel: int) -> None:
    told: list[int] = []
    found = ask_all(endpoint, FORM, TEXTS, told.append, parallel=parallel)
    assert found.scores.tolist() == [0.9 if number % 3 == 0 else 0.1 for number in range(100)]
    assert found.reasons == {}
    assert found.calls is None
    assert sum(told) == 100
    assert len(stub.asked) == 13


def test_a_refused_text_is_found_by_halves_and_the_rest_is_answered(stub, endpoint) -> None:
    stub.refuses = lambda text: text in ("mild 41", "mild 43")
    found = ask_all(endpoint, FORM, TEXTS, lambda count: None, parallel=4)
    assert np.flatnonzero(np.isnan(found.scores)).tolist() == [41, 43]
    assert found.reasons == {41: "400 too_long", 43: "400 too_long"}


def test_a_failure_ends_it_without_asking_on(stub, endpoint) -> None:
    stub.wrong = {"results": "none"}
    form = Form(name="a test", request=request, read=lambda found, count: wrong(found), batch=1)
    with pytest.raises(DetectorError, match="does not answer in the form of a test"):
        ask_all(endpoint, form, TEXTS, lambda count: None, parallel=1)
    assert len(stub.asked) < 10


def wrong(found: object) -> list[Reading]:
    raise WrongForm(seen(found), "something else")


def test_nothing_to_ask_asks_nothing(stub, endpoint) -> None:
    assert len(ask_all(endpoint, FORM, [], lambda count: None, parallel=2).scores) == 0
    assert not stub.asked


def test_the_first_question_is_mild_and_one_that_refuses_it_is_told_in_its_own_words(stub, endpoint) -> None:
    try_out(endpoint, FORM)
    assert stub.asked[0][2] == {"input": ["The weather is nice today."]}
    stub.refuses = lambda text: True
    with pytest.raises(DetectorError, match="refuses even a mild sentence") as told:
        try_out(endpoint, FORM)
    assert "The weather is nice" in told.value.problems[0]


def test_what_was_seen_is_told_without_what_it_holds() -> None:
    assert seen({"a": 1}) == "an object with 'a'"
    assert [seen(value) for value in ({}, [1, 2], "secret", None, True, 0.5)] == [
        "an empty object", "a list of 2", "a text", "null", "true", "0.5",
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["0.5", True, None, -0.1, 1.1, float("nan")])
def test_only_a_number_from_0_to_1_is_a_score(value: object) -> None:
    with pytest.raises(WrongForm):
        score_of(value, "score")


def test_a_path_leads_to_its_field_or_says_where_it_ended() -> None:
    assert field_of({"a": {"b": 1}}, "a", "b") == 1
    with pytest.raises(WrongForm) as told:
        field_of({"a": [1]}, "a", "b")
    assert (told.value.seen, told.value.expected) == ("a is a list of 1", "a.b")
