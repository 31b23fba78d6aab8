"""How each mode's threshold was chosen, and what is promised of it: as the bundle's calibration recorded it."""

from collections.abc import Mapping
from typing import Any

from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import plural, sentence

FIXED = "fixed at one half, the likelier label"
ON_DEV = "chosen on rows of the dev part"
NO_PROMISE = "nothing is promised of other rows"


def mode_words(subject: Subject, mode: str) -> str:
    """The rule of a mode, and its promise if it has one."""
    record: Mapping[str, Any] = (subject.judgement.manifest.get("modes") or {}).get(mode) or {}
    rule = str(record.get("rule") or (FIXED if mode == "best-guess" else ON_DEV))
    promise = record.get("promise")
    return f"{rule}; {promise_words(promise) if promise else NO_PROMISE}"


def promise_words(promise: Mapping[str, Any]) -> str:
    """A promise, and what it rests on."""
    rate, most = share(promise["fpr_at_most"]), f"{promise['errors']:,}"
    rest = f"it rests on {plural(promise['negatives'], 'negative')}, of which at most {most} may be called positive"
    but = f"{(1 - promise['confidence']) * 100:.0f} % of calibrations"
    return f"on rows like the calibration's its false-positive rate is at most {rate}, but for {but} ({rest})"


def modes_in_words(subject: Subject) -> list[str]:
    """A sentence a mode."""
    modes = subject.judgement.bands or {subject.judgement.mode: subject.judgement.band}
    return [f"{mode}: {mode_words(subject, mode)}." for mode in sorted(modes)]


def calibrated_in_words(subject: Subject) -> str:
    """Which rows the scores and modes were fitted on; empty where no calibration is recorded."""
    found = subject.judgement.manifest.get("calibration") or {}
    if not found:
        return ""
    return sentence(
        f"scores and modes were fitted ({found.get('method')}) on {plural(int(found.get('rows', 0)), 'row')} of "
        f"{found.get('name')} {found.get('part')}, split {found.get('how')}; digest {found.get('digest')}"
    )
