"""Modes say how they were chosen, and promise only what is recorded."""

from dataclasses import replace

from hatetinyllm.plain import plain
from hatetinyllm.reporting.report.modes import calibrated_in_words, mode_words, modes_in_words
from hatetinyllm.types import ModeRecord, Promise

PROMISE = Promise(fpr_at_most=0.01, confidence=0.95, negatives=1200, errors=5, bound=0.0088)


def calibrated(subject):
    modes = {"balanced": plain(ModeRecord(rule="the best macro-F1")), "review": plain(ModeRecord(rule="strict", promise=PROMISE))}
    record = {"method": "temperature", "rows": 300, "name": "mine", "part": "dev", "how": "grouped", "digest": "e" * 64}
    manifest = {**subject.judgement.manifest, "modes": modes, "calibration": record}
    return replace(subject, judgement=replace(subject.judgement, manifest=manifest))


def test_without_a_record_nothing_is_promised(subject, bare) -> None:
    assert mode_words(subject, "best-guess") == "fixed at one half, the likelier label; nothing is promised of other rows"
    assert mode_words(subject, "balanced") == "chosen on rows of the dev part; nothing is promised of other rows"
    assert calibrated_in_words(subject) == ""
    assert len(modes_in_words(bare)) == 1


def test_a_recorded_rule_and_its_promise_are_told(subject) -> None:
    found = modes_in_words(calibrated(subject))
    assert found[0] == "balanced: the best macro-F1; nothing is promised of other rows."
    assert found[2] == (
        "review: strict; on rows like the calibration's its false-positive rate is at most .010, but for 5 % of calibrations "
        "(it rests on 1,200 negatives, of which at most 5 may be called positive)."
    )


def test_the_rows_of_a_calibration_are_named(subject) -> None:
    said = calibrated_in_words(calibrated(subject))
    assert said.startswith("Scores and modes were fitted (temperature) on 300 rows of mine dev, split grouped; digest eee")
