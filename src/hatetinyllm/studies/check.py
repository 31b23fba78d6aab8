"""
A suite put to a detector, and its result held against bars and against the last one.

In a test of your own:

    def test_moderation_holds() -> None:
        check_suite("cases.toml", "runs/first/bundle", bar=0.8, last="last.json").assert_bars()

The detector may be a function as well: texts in, a score, a label, or true or false for each out.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hatetinyllm.data.suite import Suite, digest_of_case
from hatetinyllm.errors import DetectorError
from hatetinyllm.inference.detectors.answers import Answers, AnyDetector, Told
from hatetinyllm.inference.detectors.opened import open_any
from hatetinyllm.inference.detectors.python import of_function
from hatetinyllm.studies.gate import Gate, bars_of, gate_of, read_bars, require_same_suite
from hatetinyllm.studies.outcome import (
    ABSTAINED,
    HALF,
    Outcome,
    SuiteResult,
    decide,
    decided_by,
    in_words,
    read_result,
    write_result,
)
from hatetinyllm.studies.rates import Figures, figures_of
from hatetinyllm.studies.suite import open_suite
from hatetinyllm.types import Band

OWN = "its own decisions"
Asked = str | AnyDetector | Callable[[list[str]], Any]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A result, its figures, what they are at a threshold of .5, and whether it may go out."""

    suite: Suite
    result: SuiteResult
    figures: Figures
    gate: Gate
    at_half: Figures | None = None  # where another threshold decided, and there are scores to decide by

    @property
    def passed(self) -> bool:
        """No function is below its bar, and none got worse."""
        return self.gate.passed

    def assert_bars(self) -> None:
        """Fail a test, in words, where the gate does not pass; a check that holds nothing against anything fails too."""
        if not self.gate.asked:
            raise AssertionError("no function has a bar and there is no last result: nothing was asked (bar=0.8 asks something)")
        if not self.gate.passed:
            raise AssertionError("\n".join([f"{self.result.detector} on {self.result.suite}:", *self.gate.failures]))

    def save(self, path: str | Path) -> None:
        """Store the result for the next time: ids, labels and scores, never a text."""
        write_result(Path(path), self.result, figures=self.figures, gate=self.gate.in_full)


def check_suite(
    suite: str | Path | Suite,
    detector: Asked,
    *,
    threshold: float | None = None,
    bar: float | None = None,
    bars: Mapping[str, float] | str | Path | None = None,
    last: SuiteResult | str | Path | None = None,
    settings: Sequence[str] = (),
    told: Told = lambda count: None,
    **options: Any,
) -> Checked:
    """
    Put a suite to a detector: names, files or the things themselves.

    `options` are the detector's (mode, positive, category, ...). What is wrong with bars or the last result is told before
    anything is asked.
    """
    opened = suite if isinstance(suite, Suite) else open_suite(str(suite), settings)
    held = bars if isinstance(bars, Mapping) else read_bars(Path(bars)) if bars is not None else {}
    before = read_result(Path(last)) if isinstance(last, str | Path) else last
    _refuse_before_asking(opened, threshold, options)
    bars_of(opened.functions, bar, held)
    require_same_suite(opened.name, [case.id for case in opened.cases], before)
    result = run(opened, open_detector(detector, options), threshold=threshold, told=told)
    figures = figures_of(result)
    gate = gate_of(result, figures, bar=bar, bars=held, last=before)
    return Checked(suite=opened, result=result, figures=figures, gate=gate, at_half=_at_half(result))


def open_detector(detector: Asked, options: Mapping[str, Any]) -> AnyDetector:
    """A detector by its word, or a function as one."""
    if isinstance(detector, AnyDetector):
        return detector
    if isinstance(detector, str):
        return open_any(detector, **options)
    given = {name: value for name, value in options.items() if value is not None}
    if unknown := [name for name in given if name not in ("name", "positive")]:
        raise DetectorError("a function can be given a name and a positive label", [f"it has no {name}" for name in unknown])
    return of_function(detector, **given)


def run(suite: Suite, detector: AnyDetector, *, threshold: float | None = None, told: Told = lambda count: None) -> SuiteResult:
    """Every case asked and decided: by a threshold that is given, else by the detector itself, else by its own, else by .5."""
    start = time.perf_counter()
    answers = detector.ask([case.text for case in suite.cases], told)
    seconds = time.perf_counter() - start
    if threshold is not None:
        band, decided = Band(low=threshold, high=threshold), f"a given threshold: hate from {threshold:g} on"
    elif answers.calls is not None:
        band, decided = None, OWN
    elif detector.band is not None:
        band, decided = detector.band, f"mode {detector.mode}: {in_words(detector.band)}"
    else:
        band, decided = HALF, f"{in_words(HALF)}, for it has no threshold of its own"
    return _result(suite, detector, answers, band, decided, seconds)


def _result(
    suite: Suite, detector: AnyDetector, answers: Answers, band: Band | None, decided: str, seconds: float
) -> SuiteResult:
    return SuiteResult(
        suite=suite.name,
        digest=suite.digest,
        detector=detector.name,
        kind=detector.kind,
        identity=detector.identity,
        asked=detector.asked,
        outcomes=tuple(_outcomes(suite, answers, band)),
        functions=suite.functions,
        band=band,
        decided=decided,
        notes=(*suite.notes, *detector.notes, *_learnt(suite, detector)),
        seconds=seconds,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _outcomes(suite: Suite, answers: Answers, band: Band | None) -> list[Outcome]:
    found = []
    for place, case in enumerate(suite.cases):
        value = float(answers.scores[place])
        score = None if np.isnan(value) else value
        said = decide(score, band) if band is not None else _called(answers, place)
        without = answers.reasons.get(place, "no answer") if score is None else ABSTAINED
        found.append(
            Outcome(
                id=case.id,
                function=str(case.slice),
                expected=str(case.label),
                said=said,
                passed=said == case.label,
                score=score,
                digest=digest_of_case(case),
                reason=without if said is None else "",
                groups=case.mentions,
                partners=case.partners,
                template=case.group,
            )
        )
    return found


def _called(answers: Answers, place: int) -> str | None:
    call = answers.calls[place] if answers.calls is not None else None
    return None if call is None else "hate" if call else "not_hate"


def _at_half(result: SuiteResult) -> Figures | None:
    return None if result.band == HALF else figures_of(decided_by(result, HALF))


def _refuse_before_asking(suite: Suite, threshold: float | None, options: Mapping[str, Any]) -> None:
    if threshold is not None and not 0 <= threshold <= 1:
        raise DetectorError(f"a threshold lies from 0 to 1, got {threshold:g}")
    if threshold is not None and options.get("mode") is not None:
        raise DetectorError("a mode brings its own threshold: give one of the two")
    if not suite.cases:
        raise DetectorError(f"suite {suite.name} has no cases")


def _learnt(suite: Suite, detector: AnyDetector) -> list[str]:
    if detector.learnt_from is None or detector.learnt_from != suite.name.partition(" ")[0]:
        return []
    return [f"the detector learnt from {detector.learnt_from} itself: what it passes here says nothing"]
