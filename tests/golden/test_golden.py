"""
The committed verdicts, by every door: Python, arguments, standard input.

They change only by `tools/make_golden.py`, and the change is read as a diff.
"""

import io
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from hatetinyllm.bundle import FORMAT, read_bundle
from hatetinyllm.cli.main import start
from hatetinyllm.inference.detector import Detector

TOLERANCE = 1e-5  # other processors add up in another order
Case = dict[str, Any]


def agree(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    numbers = {"score", "scores"}
    if {key: found[key] for key in expected if key not in numbers} != {
        key: expected[key] for key in expected if key not in numbers
    }:
        return False
    return found["score"] == pytest.approx(expected["score"], abs=TOLERANCE) and found["scores"] == pytest.approx(
        expected["scores"], abs=TOLERANCE
    )


def of_mode(cases: list[Case], mode: str) -> list[Case]:
    return [case for case in cases if case["mode"] == mode]


@pytest.fixture(params=["best-guess", "balanced"])
def asked(request: pytest.FixtureRequest, golden_cases: list[Case]) -> tuple[str, list[Case]]:
    return request.param, of_mode(golden_cases, request.param)


def test_the_file_holds_every_kind_of_answer(golden_cases: list[Case]) -> None:
    assert {case["verdict"]["label"] for case in golden_cases} == {"hate", "not_hate", None}
    assert {case["verdict"]["reason"] for case in golden_cases} == {"model", "threshold", "empty_text"}


def test_the_committed_bundle_is_of_the_first_format_and_still_read(golden_bundle: Path) -> None:
    assert json.loads((golden_bundle / "manifest.json").read_text(encoding="utf-8"))["format"] == 1 == FORMAT - 2
    manifest = read_bundle(golden_bundle).manifest
    assert (manifest.text["prompt"], manifest.temperatures, manifest.calibration) == ("", {}, None)


def test_every_golden_verdict_says_what_decided(golden_bundle: Path, golden_cases: list[Case]) -> None:
    bands = read_bundle(golden_bundle).manifest.bands
    for case in golden_cases:
        verdict = case["verdict"]
        assert (verdict["mode"], verdict["threshold"]) == (case["mode"], bands[case["mode"]].high)
        assert verdict["review_from"] is None  # neither mode leaves any score to people


def test_python_gives_the_golden_verdicts(golden_bundle: Path, asked: tuple[str, list[Case]]) -> None:
    mode, cases = asked
    detector = Detector.open(golden_bundle)
    together = detector.classify_all([case["text"] for case in cases], mode=mode)
    for case, verdict in zip(cases, together, strict=True):
        assert agree(asdict(verdict), case["verdict"]), case["text"]
        assert agree(asdict(detector.classify(case["text"], mode=mode)), case["verdict"]), case["text"]


def test_arguments_give_the_golden_verdicts(
    golden_bundle: Path, asked: tuple[str, list[Case]], capsys: pytest.CaptureFixture[str]
) -> None:
    mode, cases = asked
    texts = [case["text"] for case in cases]
    assert start(["classify", "--bundle", str(golden_bundle), "--mode", mode, "--json", "--", *texts]) == 0
    lines = capsys.readouterr().out.splitlines()
    for case, line in zip(cases, lines, strict=True):
        assert agree(json.loads(line), case["verdict"]), case["text"]


@pytest.mark.parametrize("form", ["lines", "objects"])
def test_standard_input_gives_the_golden_verdicts(
    golden_bundle: Path,
    asked: tuple[str, list[Case]],
    form: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mode, cases = asked
    if form == "lines":
        cases = [case for case in cases if "\n" not in case["text"] and not case["text"].startswith("{")]
        lines = [case["text"] for case in cases]
    else:
        lines = [json.dumps({"text": case["text"], "id": number}) for number, case in enumerate(cases)]
    given = io.TextIOWrapper(io.BytesIO("\n".join([*lines, ""]).encode("utf-8")))
    monkeypatch.setattr(sys, "stdin", given)
    assert start(["classify", "--bundle", str(golden_bundle), "--mode", mode, "--json", "-"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(agree(verdict, case["verdict"]) for verdict, case in zip(found, cases, strict=True))
    if form == "objects":
        assert [verdict["id"] for verdict in found] == list(range(len(cases)))
