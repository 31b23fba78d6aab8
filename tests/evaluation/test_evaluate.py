"""Judging names the positive label, counts what it leaves out, and refuses what cannot be judged."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.metrics import METRICS
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def rows(*labels: str) -> list[Example]:
    return [
        Example(text=f"{index}", id=str(index), labels={"hate": (label,)} if label else {}) for index, label in enumerate(labels)
    ]


def scores(*given: float):
    def score(texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([given[int(text)] for text in texts])

    return score


def test_a_result_names_its_labels_and_counts() -> None:
    found = evaluate(scores(0.9, 0.2, 0.7, 0.1), rows("hate", "hate", "not_hate", "not_hate"), HATE, name="mine")
    assert (found.positive, found.rows, found.prevalence, found.left_out) == ("hate", 4, 0.5, 0)
    assert found.confusion == {"not_hate": {"not_hate": 1, "hate": 1}, "hate": {"not_hate": 1, "hate": 1}}
    assert found.metrics["accuracy"] == found.metrics["f1_hate"] == found.metrics["f1_not_hate"] == 0.5
    assert found.metrics["auroc"] == 0.75


def test_rows_without_a_label_or_a_score_are_counted_and_left_out() -> None:
    found = evaluate(scores(0.9, float("nan"), 0.5, 0.1), rows("hate", "hate", "", "not_hate"), HATE, name="mine")
    assert (found.rows, found.left_out, found.metrics["accuracy"]) == (2, 2, 1.0)


def test_the_threshold_is_the_one_given() -> None:
    found = evaluate(scores(0.6, 0.1), rows("hate", "not_hate"), HATE, name="mine", threshold=0.8)
    assert (found.threshold, found.metrics["recall"]) == (0.8, 0.0)


def test_nothing_to_judge_is_an_error() -> None:
    with pytest.raises(DataError, match="none of the 1 rows"):
        evaluate(scores(0.5), rows(""), HATE, name="mine")
    with pytest.raises(DataError, match="cannot be judged as yes or no"):
        evaluate(scores(0.5), rows("hate"), Head(name="tone", labels=("a", "b", "c")), name="mine")


def test_a_metric_from_outside_is_measured_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = "def called_negative(truth, scores, *, threshold=0.5):\n    return float((scores < threshold).mean())\n"
    (tmp_path / "made_up_metric.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(METRICS, "_places", dict(METRICS.places))
    METRICS.add("called_negative", "made_up_metric:called_negative")
    found = evaluate(scores(0.9, 0.2, 0.1, 0.6), rows("hate", "hate", "not_hate", "not_hate"), HATE, name="mine")
    assert found.metrics["called_not_hate"] == 0.5
