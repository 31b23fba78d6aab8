"""A suite against every kind of detector: thousands of cases in seconds, and a gate that sees a regression."""

import time
from pathlib import Path

import pytest

from hatetinyllm.data.starter import SENTENCES
from hatetinyllm.data.suite import Suite, suite_of
from hatetinyllm.errors import DataError, DetectorError
from hatetinyllm.studies.check import Checked, check_suite
from hatetinyllm.types import Example

SECONDS = 30  # a suite of HateCheck's size takes a few, on a slow core


def careful(texts: list[str]) -> list[float]:
    return [0.9 if "awful" in text else 0.1 for text in texts]


def careless(texts: list[str]) -> list[float]:
    return [0.1 for text in texts]


@pytest.fixture(scope="module")
def large() -> Suite:
    """As many cases as HateCheck has, and as many functions: sentences of our own, none twice."""
    cases = []
    for number in range(3_728):
        function, awful = number % 29, number % 29 < 20
        word = "an awful thing" if awful else "a mild thing"
        text = f"Number {number} says {word} about the weather in street {number * 7 % 1000}."
        labels = {"hate": ("hate" if awful else "not_hate",)}
        cases.append(Example(text=text, id=str(number), labels=labels, slice=f"function-{function}"))
    return suite_of("large", cases)


def test_a_suite_of_hatechecks_size_runs_against_a_bundle_in_seconds(large: Suite, golden_bundle: Path) -> None:
    told: list[int] = []
    start = time.perf_counter()
    found = check_suite(large, str(golden_bundle), told=told.append)
    assert time.perf_counter() - start < SECONDS
    assert sum(told) == found.figures.overall.cases == 3_728
    assert len(found.figures.functions) == 29
    assert found.figures.overall.unanswered == 0
    assert 0 < found.figures.overall.passed < 3_728


@pytest.mark.parametrize("kind", ["openai", "perspective", "tei"])
def test_a_suite_of_hatechecks_size_runs_against_each_wire_form_in_seconds(large: Suite, stub, kind: str) -> None:
    stub.busy, stub.headers = 2, {"Retry-After": "0.1"}
    stub.refuses = lambda text: text.startswith(("Number 5 ", "Number 77 "))
    start = time.perf_counter()
    found = check_suite(large, f"{kind}:{stub.address}", bar=0.9)
    assert time.perf_counter() - start < SECONDS
    assert found.passed
    assert found.figures.overall.passed == 3_726
    assert {one.id: one.reason for one in found.result.outcomes if one.said is None} == {
        "5": "400 too_long",
        "77": "400 too_long",
    }
    assert len(stub.asked) == pytest.approx(3_731 if kind == "perspective" else 140, abs=20)


def test_a_regression_fails_and_an_improvement_does_not(large: Suite, tmp_path: Path) -> None:
    last = tmp_path / "last.json"
    check_suite(large, careful).save(last)
    worse = check_suite(large, careless, last=last)
    assert not worse.passed
    assert sum(change.worse for change in worse.gate.changes) == 21
    worse.save(last)
    assert check_suite(large, careful, last=last).passed


def test_a_test_of_ones_own_fails_in_words(large: Suite) -> None:
    check_suite(large, careful, bar=1).assert_bars()
    with pytest.raises(AssertionError, match=r"function-0 is below its bar of 0\.9: 0 of 129 pass"):
        check_suite(large, careless, bar=0.9).assert_bars()
    with pytest.raises(AssertionError, match="nothing was asked"):
        check_suite(large, careless).assert_bars()


def decided(checked: Checked) -> tuple[str, float]:
    return checked.result.decided, checked.figures.overall.share


def test_who_decides_a_given_threshold_before_the_detectors_own_before_one_half(golden_bundle: Path, stub) -> None:
    assert decided(check_suite("starter", careless))[0] == "hate from 0.5 on, for it has no threshold of its own"
    assert decided(check_suite("starter", careless, threshold=0.1))[0] == "a given threshold: hate from 0.1 on"
    assert check_suite("starter", str(golden_bundle), mode="balanced").result.decided.startswith("mode balanced: hate from 0.1")
    stub.score = lambda text: 0.7
    own = check_suite("starter", f"openai:{stub.address}")
    assert own.result.decided == "its own decisions"
    assert own.result.outcomes[0].said == "not_hate"
    assert check_suite("starter", f"openai:{stub.address}", threshold=0.6).result.outcomes[0].said == "hate"


def test_what_a_threshold_of_one_half_does_stands_beside_another(golden_bundle: Path) -> None:
    assert check_suite("starter", str(golden_bundle)).at_half is None
    found = check_suite("starter", str(golden_bundle), mode="balanced")
    assert found.at_half is not None
    assert found.at_half.overall == check_suite("starter", str(golden_bundle)).figures.overall
    assert found.at_half.overall.passed != found.figures.overall.passed


def test_a_text_left_open_does_not_pass(large: Suite) -> None:
    found = check_suite("starter", lambda texts: [None] * len(texts))
    assert found.figures.overall.unanswered == found.figures.overall.cases
    assert found.figures.overall.passed == 0
    assert found.result.outcomes[0].reason == "no answer"


def test_a_detector_that_learnt_from_the_suite_is_told(golden_bundle: Path) -> None:
    demo = suite_of("demo", [Example(text="A mild one.", id="1", labels={"hate": ("not_hate",)}, slice="f")])
    assert "learnt from demo itself" in check_suite(demo, str(golden_bundle)).result.notes[0]


def test_what_is_wrong_is_told_before_anything_is_asked(large: Suite, tmp_path: Path) -> None:
    def never(texts: list[str]) -> list[float]:
        raise AssertionError("it was asked")

    last = tmp_path / "last.json"
    check_suite(large, careful).save(last)
    with pytest.raises(DataError, match="another suite"):
        check_suite("starter", never, last=last)
    with pytest.raises(DataError, match="functions that the suite does not have"):
        check_suite("starter", never, bars={"contemt": 0.5})
    with pytest.raises(DetectorError, match="from 0 to 1"):
        check_suite("starter", never, threshold=50)
    with pytest.raises(DetectorError, match="one of the two"):
        check_suite("starter", never, threshold=0.5, mode="balanced")
    with pytest.raises(DetectorError, match="a name and a positive label"):
        check_suite("starter", never, category="hate")


def test_nothing_of_a_text_is_stored(tmp_path: Path) -> None:
    check_suite("starter", careless, bar=0.5).save(tmp_path / "result.json")
    written = (tmp_path / "result.json").read_text(encoding="utf-8")
    pieces = [
        piece for _, _, sentences in SENTENCES.values() for one in sentences for piece in one.split("{group}") if len(piece) > 9
    ]
    assert len(pieces) > 20
    assert not [piece for piece in pieces if piece.strip() in written]
