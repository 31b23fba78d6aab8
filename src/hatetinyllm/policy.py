"""
Scores, mode and thresholds -> label and reason. Pure: no model, no text, no file.

The guess is what the model says on its own (the likelier label). The mode's band may overrule it, or leave the label
open; the reason says which of these happened. A score is compared as it is shown, rounded to `DIGITS`, so that a
verdict can be checked by eye. What stands beside a text in a batch may move its score by a few millionths: four digits hide
that but for the rare score that lies at the edge of a digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hatetinyllm.errors import UnknownName, did_you_mean
from hatetinyllm.types import REFUSALS, Band, Head, Reason, Verdict

BEST_GUESS = "best-guess"
BEST_GUESS_BAND = Band(low=0.5, high=0.5)
DIGITS = 4


def judge(heads: Sequence[Head], probabilities: Mapping[str, Sequence[float]], mode: str, bands: Mapping[str, Band]) -> Verdict:
    """The verdict of the headline head, with the scores of all heads beside it."""
    band = band_of(mode, bands)
    headline = heads[0]
    rounded = {head.name: tuple(round(float(p), DIGITS) for p in probabilities[head.name]) for head in heads}
    likely = rounded[headline.name]
    guess = headline.labels[_first_best(likely)]
    label, reason = _decide(headline, likely, band) if headline.binary else (guess, Reason.MODEL)
    if reason is Reason.MODEL and label != guess:
        reason = Reason.THRESHOLD
    score = likely[headline.labels.index(headline.positive or guess)]
    said = Verdict(guess=guess, label=label, reason=reason, score=score, scores=_scores(heads, rounded), mode=mode)
    return _by(band, said) if headline.binary else said


def refuse(reason: Reason, mode: str, band: Band | None = None) -> Verdict:
    """The verdict on an input that was not read: no guess, no label, only the reason and what would have decided."""
    assert reason in REFUSALS, reason
    said = Verdict(guess=None, label=None, reason=reason, score=None, mode=mode)
    return said if band is None else _by(band, said)


def band_of(mode: str, bands: Mapping[str, Band]) -> Band:
    """The thresholds of a mode; an unknown one is an error with the nearest right word."""
    if mode not in bands:
        raise UnknownName(f"this bundle has no mode {mode!r} ({did_you_mean(mode, bands)})")
    return bands[mode]


def _decide(head: Head, likely: Sequence[float], band: Band) -> tuple[str | None, Reason]:
    positive = head.labels.index(head.positive or head.labels[1])
    if likely[positive] >= band.high:
        return head.labels[positive], Reason.MODEL
    if likely[positive] < band.low:
        return head.labels[1 - positive], Reason.MODEL
    return None, Reason.ABSTAIN


def _by(band: Band, verdict: Verdict) -> Verdict:
    """The verdict, which now says what decided it."""
    return replace(verdict, threshold=band.high, review_from=band.low if band.low < band.high else None)


def _first_best(likely: Sequence[float]) -> int:
    """The likeliest label; of two that are equal the later one, so that a score of one half guesses the positive."""
    return max(range(len(likely)), key=lambda index: (likely[index], index))


def _scores(heads: Sequence[Head], rounded: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """A binary head has one score, under its name; any other has one for each label, under name.label."""
    scores = {}
    for head in heads:
        if head.binary and head.positive:
            scores[head.name] = rounded[head.name][head.labels.index(head.positive)]
        else:
            scores |= {f"{head.name}.{label}": score for label, score in zip(head.labels, rounded[head.name], strict=True)}
    return scores
