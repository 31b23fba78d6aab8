"""Perspective's form: one comment a request, the key in the address, the summary of one attribute."""

import numpy as np
import pytest

from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors.perspective import open_detector


def test_each_text_is_a_request_that_asks_for_one_attribute(stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSPECTIVE_API_KEY", "key-of-a-test")
    found = open_detector(stub.address).ask(["an awful one", "a mild one"], lambda count: None)
    assert found.scores.tolist() == [0.9, 0.1]
    assert len(stub.asked) == 3
    path, _, body = stub.asked[0]
    assert path == "/v1alpha1/comments:analyze?key=key-of-a-test"
    assert body == {
        "comment": {"text": "The weather is nice today."},
        "requestedAttributes": {"IDENTITY_ATTACK": {}},
        "doNotStore": True,
    }


def test_a_text_in_a_language_it_does_not_read_has_no_answer(stub) -> None:
    stub.refuses = lambda text: "klingon" in text
    found = open_detector(stub.address).ask(["in klingon", "a mild one"], lambda count: None)
    assert np.isnan(found.scores).tolist() == [True, False]
    assert found.reasons == {0: "400 too_long"}


def test_another_form_and_another_attribute_are_told(stub) -> None:
    with pytest.raises(DetectorError, match=r"expected: attributeScores\.THREAT"):
        open_detector(stub.address, category="THREAT")
