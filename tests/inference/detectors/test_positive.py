"""The positive label is named or plain to see, and never guessed."""

import pytest

from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors.positive import is_positive, positive_of


def test_a_label_that_every_source_means_so_is_recognised() -> None:
    assert positive_of(["nothate", "hate"], None, where="x") == "hate"
    assert positive_of(["neutral", "HATE"], None, where="x") == "HATE"


@pytest.mark.parametrize("labels", [["LABEL_0", "LABEL_1"], ["hate", "hateful"], ["toxic", "clean"]])
def test_other_labels_must_be_named(labels: list[str]) -> None:
    with pytest.raises(DetectorError, match="does not say which"):
        positive_of(labels, None, where="x")
    assert positive_of(labels, labels[1], where="x") == labels[1]


def test_a_named_label_must_be_there() -> None:
    with pytest.raises(DetectorError, match="did you mean 'LABEL_1'"):
        positive_of(["LABEL_0", "LABEL_1"], "LABEL1", where="x")


def test_a_single_label_is_positive_or_not_or_nobody_knows() -> None:
    assert is_positive("hateful", None) is True
    assert is_positive("not_hate", None) is False
    assert is_positive("LABEL_1", None) is None
    assert is_positive("LABEL_1", "LABEL_1") is True
    assert is_positive("hateful", "LABEL_1") is False
