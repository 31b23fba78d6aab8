"""
Judge a head of any kind: one of two labels, one of several, or several at once.

Of several at once every label is a question asked of every text: a row of such a result is a text and a label, and positive means
that the label holds. The F1 of each label that any text has stands beside it, with their mean.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import confusion_matrix, f1_score

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.evaluate import judge_scores, truth_of
from hatetinyllm.metrics.classification import Truth
from hatetinyllm.policy import DIGITS
from hatetinyllm.scores import Numbers
from hatetinyllm.types import Example, Head, Result

HOLDS = Head(name="holds", labels=("absent", "holds"), positive="holds")  # of a text and a label
MEAN = "mean_f1"


def judge_head(examples: Sequence[Example], found: Numbers, head: Head, *, name: str, left_out: int = 0) -> Result:
    """The result of a head on examples that all answer it; `found` are its probabilities, (texts, labels)."""
    if not len(examples):
        raise DataError(f"{name}: no row answers {head.name}")
    rounded = np.round(found, DIGITS)  # as verdicts show and compare them
    if head.many:
        return _of_many(examples, rounded, head, name=name, left_out=left_out)
    if head.binary and head.positive is not None:
        place = head.labels.index(head.positive)
        return judge_scores(truth_of(examples, head), rounded[:, place], head, name=name, left_out=left_out)
    return _of_several(examples, rounded, head, name=name, left_out=left_out)


def _of_many(examples: Sequence[Example], found: Numbers, head: Head, *, name: str, left_out: int) -> Result:
    truth = np.array([[label in example.labels[head.name] for label in head.labels] for example in examples], dtype=np.int64)
    result = judge_scores(truth.ravel(), found.ravel(), HOLDS, name=name, left_out=left_out)
    said = _by_label(truth, (found >= result.threshold).astype(np.int64), head)
    return Result(**{**vars(result), "head": head.name, "metrics": {**result.metrics, **said}})


def _of_several(examples: Sequence[Example], found: Numbers, head: Head, *, name: str, left_out: int) -> Result:
    """By the likeliest label; there is no threshold, and the share is that of the positive label, if it has one."""
    places = range(len(head.labels))
    truth = np.array([head.labels.index(example.labels[head.name][0]) for example in examples])
    called = found.argmax(axis=1)
    counted = confusion_matrix(truth, called, labels=list(places))
    marks = [np.equal.outer(each, np.arange(len(head.labels))).astype(np.int64) for each in (truth, called)]
    by_label = _by_label(marks[0], marks[1], head)
    return Result(
        name=name,
        head=head.name,
        positive=head.positive or "",
        rows=len(truth),
        prevalence=float((truth == head.labels.index(head.positive)).mean()) if head.positive else 0.0,
        threshold=0.5,
        metrics={"accuracy": float((truth == called).mean()), "macro_f1": by_label[MEAN], **by_label},
        confusion={head.labels[row]: {head.labels[col]: int(counted[row, col]) for col in places} for row in places},
        left_out=left_out,
    )


def _by_label(truth: Truth, called: Truth, head: Head) -> dict[str, float | None]:
    """The F1 of each label, None where no text has it, and the mean of those that have one."""
    found: dict[str, float | None] = {}
    for place, label in enumerate(head.labels):
        own = truth[:, place]
        found[f"f1_{label}"] = float(f1_score(own, called[:, place], zero_division=0)) if own.any() else None
    known = [value for value in found.values() if value is not None]
    return {MEAN: float(np.mean(known)) if known else None, **found}
