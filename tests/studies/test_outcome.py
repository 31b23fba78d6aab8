"""What became of a case is true by construction, decided by thresholds, and stored without a text."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.data.suite import Function
from hatetinyllm.errors import DataError
from hatetinyllm.studies.outcome import (
    HALF,
    Outcome,
    SuiteResult,
    decide,
    decided_by,
    in_words,
    read_result,
    stored,
    write_result,
)
from hatetinyllm.types import Band


def outcome(id: str, score: float | None, expected: str = "hate", **known: Any) -> Outcome:
    said = decide(score, HALF)
    return Outcome(
        id=id, function="f", expected=expected, said=said, passed=said == expected, score=score, digest="d", **known
    )  # fmt: skip


RESULT = SuiteResult(
    suite="mine",
    digest="sha256:1",
    detector="first",
    kind="bundle",
    identity="sha256:2",
    asked="hate",
    outcomes=(outcome("a", 0.7), outcome("b", 0.4), outcome("c", None, reason="empty_text"), outcome("d", 0.5, "not_hate")),
    functions=(Function(name="f", bar=0.5),),
    band=HALF,
    decided=in_words(HALF),
)


def test_a_score_is_decided_by_both_thresholds() -> None:
    band = Band(low=0.3, high=0.6)
    assert [decide(score, band) for score in (0.29, 0.3, 0.59, 0.6, None)] == ["not_hate", None, None, "hate", None]
    assert in_words(band) == "hate from 0.6 on, left open from 0.3"
    assert in_words(HALF) == "hate from 0.5 on"


@given(score=st.floats(0, 1), threshold=st.floats(0, 1))
def test_one_threshold_leaves_nothing_open(score: float, threshold: float) -> None:
    assert decide(score, Band(low=threshold, high=threshold)) == ("hate" if score >= threshold else "not_hate")


def test_other_thresholds_decide_anew_and_what_has_no_score_stays_without_answer() -> None:
    found = decided_by(RESULT, Band(low=0.45, high=0.6))
    assert [(one.said, one.passed, one.reason) for one in found.outcomes] == [
        ("hate", True, ""),
        ("not_hate", False, ""),
        (None, False, "empty_text"),
        (None, False, "abstain"),
    ]


@pytest.mark.parametrize("change", [{"passed": False}, {"expected": "toxic"}, {"score": 1.2}, {"said": "not_hate"}])
def test_an_outcome_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"'a'|label"):
        replace(RESULT.outcomes[0], **change)


def test_a_result_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="functions"):
        replace(RESULT, functions=(Function(name="g"),))
    with pytest.raises(ValueError, match="one id"):
        replace(RESULT, outcomes=RESULT.outcomes[:1] * 2)


def test_what_is_stored_reads_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "result.json"
    write_result(path, RESULT, figures={"overall": 1}, gate={"passed": True})
    assert read_result(path) == RESULT
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["outcomes"][0]["passed"] is True
    assert content["gate"] == {"passed": True}
    assert not any("text" in key for one in content["outcomes"] for key in one)
    assert stored(RESULT)["format"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no json", "not JSON"),
        ("[]", "no result of a check"),
        ('{"format": 1}', "no result of a check"),
        ('{"format": 9, "outcomes": []}', "another version"),
        ('{"format": 1, "outcomes": [{"id": 3}]}', "cannot be read"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_result(path)


def test_a_result_that_was_forged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_result(path, RESULT)
    path.write_text(path.read_text(encoding="utf-8").replace('"passed": false', '"passed": true', 1), encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read") as told:
        read_result(path)
    assert "'b' passes exactly where" in told.value.problems[0]


def test_a_result_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    write_result(tmp_path / "last.json", RESULT)
    with pytest.raises(DataError, match=r"did you mean 'last\.json'"):
        read_result(tmp_path / "lats.json")
