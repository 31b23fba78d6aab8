"""
Logits -> probabilities, head by head, and the windows of a long text -> one answer. Numbers only.

The rule for long texts, in training's judgement and in inference alike: a head with a positive label answers by the
window that scores it highest (one hateful passage makes a text hateful), a head of many labels takes each label's
highest score, and any other head takes the mean.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.types import Curve, Head

Numbers = NDArray[np.float64]
Counts = Sequence[int] | NDArray[np.int64]
ALL_ONE: Mapping[str, float] = {}


def probabilities(logits: Numbers, heads: Sequence[Head], temperatures: Mapping[str, float] = ALL_ONE) -> dict[str, Numbers]:
    """(windows, all labels) -> for each head (windows, its labels); the heads stand side by side in the logits."""
    found, first = {}, 0
    for head in heads:
        own = logits[:, first : first + len(head.labels)].astype(np.float64) / temperatures.get(head.name, 1.0)
        found[head.name] = _sigmoid(own) if head.many else _softmax(own)
        first += len(head.labels)
    return found


def join_windows(found: Mapping[str, Numbers], heads: Sequence[Head], counts: Counts) -> dict[str, Numbers]:
    """One row a text from one row a window; `counts` says how many windows each text has, NaN stands where none."""
    ends = np.cumsum(counts)
    joined = {}
    for head in heads:
        rows = np.full((len(counts), len(head.labels)), np.nan)
        for text, (count, end) in enumerate(zip(counts, ends, strict=True)):
            if count:
                rows[text] = _join(head, found[head.name][end - count : end])
        joined[head.name] = rows
    return joined


def follow_curve(joined: Mapping[str, Numbers], head: Head, curve: Curve) -> dict[str, Numbers]:
    """The scores of a head of two labels after the curve, which is given texts, not windows; the two still sum to one."""
    assert head.binary, head
    assert head.positive is not None, head
    place = head.labels.index(head.positive)
    mapped = np.empty_like(joined[head.name])
    mapped[:, place] = np.interp(joined[head.name][:, place], curve.scores, curve.values)
    mapped[:, 1 - place] = 1 - mapped[:, place]
    return {**joined, head.name: mapped}


def log_odds(logits: Numbers, heads: Sequence[Head], counts: Sequence[int], *, of: Head | None = None) -> Numbers:
    """A head's own logarithm of odds, the headline's unless named, of the window that answers; NaN where there is none."""
    head = of or heads[0]
    assert head.binary, head
    assert head.positive is not None, head
    first = sum(len(other.labels) for other in heads[: [other.name for other in heads].index(head.name)])
    place = head.labels.index(head.positive)
    windows = logits[:, first + place].astype(np.float64) - logits[:, first + 1 - place]
    ends = np.cumsum(counts)
    return np.array([windows[end - count : end].max() if count else np.nan for count, end in zip(counts, ends, strict=True)])


def score_of(odds: Numbers, temperature: float = 1.0, curve: Curve | None = None) -> Numbers:
    """The score that such logarithms of odds become: what `probabilities`, `join_windows` and `follow_curve` come to."""
    scores = _sigmoid(odds / temperature)
    return scores if curve is None else np.interp(scores, curve.scores, curve.values)


def positive_scores(joined: Mapping[str, Numbers], head: Head) -> Numbers:
    """The score of a head's positive label, one a text."""
    assert head.positive is not None, head
    return joined[head.name][:, head.labels.index(head.positive)]


def _join(head: Head, windows: Numbers) -> Numbers:
    if head.many:
        return np.asarray(windows.max(axis=0))
    if head.positive is None:
        return np.asarray(windows.mean(axis=0))
    return np.asarray(windows[windows[:, head.labels.index(head.positive)].argmax()])


def _softmax(logits: Numbers) -> Numbers:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _sigmoid(logits: Numbers) -> Numbers:
    return np.asarray(0.5 * (1 + np.tanh(logits / 2)))  # does not overflow
