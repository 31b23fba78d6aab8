"""
Judge scores against labels. Sees texts, labels and a callable that gives scores; knows no model.

The positive label is named in every result and its share stands beside the figures, since a figure without them says
little: calling every row of DynaHate hateful has an F1 of .71.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.classification import Truth, confusion
from hatetinyllm.metrics.ranking import one_label
from hatetinyllm.types import Example, Head, Result

OF_BOTH = frozenset({"precision", "f1_positive", "f1_negative", "macro_f1", "weighted_f1", "mcc"})  # nothing of one label's rows

Score = Callable[[Sequence[str]], NDArray[np.float64]]  # texts -> scores of the positive label, NaN where refused


def evaluate(score: Score, examples: Sequence[Example], head: Head, *, name: str, threshold: float = 0.5) -> Result:
    """How the scores fare on these examples; rows without a label, or that were refused, are counted and left out."""
    if not head.binary or head.positive is None:
        raise DataError(f"head {head.name!r} has {len(head.labels)} labels and no positive one: it cannot be judged as yes or no")
    labelled = [example for example in examples if example.labels.get(head.name)]
    scores = np.asarray(score([example.text for example in labelled]), dtype=np.float64)
    read = ~np.isnan(scores)
    truth = truth_of(labelled, head)[read]
    if not len(truth):
        raise DataError(f"{name}: none of the {len(examples):,} rows has a {head.name} label and a text to read")
    return judge_scores(truth, scores[read], head, name=name, threshold=threshold, left_out=len(examples) - len(truth))


def judge_scores(
    truth: Truth, scores: NDArray[np.float64], head: Head, *, name: str, threshold: float = 0.5, left_out: int = 0
) -> Result:
    """The result of scores that are already here."""
    assert head.positive is not None, head
    negative = next(label for label in head.labels if label != head.positive)
    counted = confusion(truth, scores, threshold=threshold)
    return Result(
        name=name,
        head=head.name,
        positive=head.positive,
        rows=len(truth),
        prevalence=float(truth.mean()),
        threshold=threshold,
        metrics=measure(truth, scores, threshold, positive=head.positive, negative=negative),
        confusion={
            actual: {called: int(counted[row, column]) for column, called in enumerate((negative, head.positive))}
            for row, actual in enumerate((negative, head.positive))
        },
        left_out=left_out,
    )


def measure(
    truth: Truth, scores: NDArray[np.float64], threshold: float, *, positive: str, negative: str
) -> dict[str, float | None]:
    """Every registered metric; `f1_positive` becomes `f1_hate`, so that no figure leaves its label unsaid."""
    found: dict[str, float | None] = {}
    for name in METRICS:
        said = said_of(name, positive, negative)
        if name in OF_BOTH and one_label(truth):  # F1 would be recall in another dress, and macro-F1 half of it
            found[said] = None
            continue
        value = METRICS.get(name)(truth, scores, threshold=threshold)
        found[said] = None if math.isnan(value) else value
    return found


def said_of(metric: str, positive: str, negative: str) -> str:
    """A metric's name with the labels in place of the words for them."""
    return metric.replace("positive", positive).replace("negative", negative)


def truth_of(examples: Sequence[Example], head: Head) -> Truth:
    """1 where an example has the head's positive label."""
    return np.array([head.positive in example.labels[head.name] for example in examples], dtype=np.int64)
