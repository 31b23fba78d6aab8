"""TEI's form: each text in a list of its own, all labels of each text back."""

import pytest

from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors.tei import open_detector


def test_texts_go_each_in_a_list_and_the_label_is_recognised(stub) -> None:
    detector = open_detector(stub.address)
    assert detector.ask(["an awful one", "a mild one"], lambda count: None).scores.tolist() == [0.9, 0.1]
    assert stub.asked[-1][2] == {"inputs": [["an awful one"], ["a mild one"]]}
    assert detector.asked == "hate"


def test_labels_that_say_nothing_must_be_named(stub) -> None:
    stub.labels = ("LABEL_0", "LABEL_1")
    with pytest.raises(DetectorError, match="--positive"):
        open_detector(stub.address)
    assert open_detector(stub.address, positive="LABEL_1").ask(["a mild one"], lambda count: None).scores.tolist() == [0.9]


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        ([{"label": "hate", "score": 0.9}], "what it says of a text is an object with 'label', 'score'"),
        ([], "the answer is a list of 0"),
        ([[{"label": "hate"}]], "the answer is an object with 'label'"),
        ([[{"label": "other", "score": 0.2}]], "the answer is an object with 'other'"),
    ],
)
def test_another_form_is_told(stub, wrong: object, seen: str) -> None:
    detector = open_detector(stub.address)
    stub.wrong = wrong
    with pytest.raises(DetectorError, match="in the form of TEI") as told:
        detector.ask(["one"], lambda count: None)
    assert told.value.problems[0] == f"seen: {seen}"
