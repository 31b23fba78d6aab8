"""
Logits -> probabilities, head by head, and the windows of a long text -> one answer. Numbers only.

The rule for long texts, in training's judgement and in inference alike: a head with a positive label answers by the
window that scores it highest (one hateful passage makes a text hateful), a head of many labels takes each label's
highest score, and any other head takes the mean.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.types import Head

Numbers = NDArray[np.float64]


def probabilities(logits: Numbers, heads: Sequence[Head], temperature: float = 1.0) -> dict[str, Numbers]:
    """(windows, all labels) -> for each head (windows, its labels); the heads stand side by side in the logits."""
    found, first = {}, 0
    for head in heads:
        own = logits[:, first : first + len(head.labels)].astype(np.float64) / temperature
        found[head.name] = _sigmoid(own) if head.many else _softmax(own)
        first += len(head.labels)
    return found


def join_windows(found: Mapping[str, Numbers], heads: Sequence[Head], counts: Sequence[int]) -> dict[str, Numbers]:
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
