"""
Metrics of labels at a threshold. 1 is the positive label; a score from the threshold on is called positive.

Where a ratio has nothing below the line (no row called positive), it is 0, as is customary; the confusion matrix beside
it shows why. A question about the rows of one label (fpr, fnr, balanced accuracy) is not a number where there are none.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score

from hatetinyllm.metrics.interval import of_counts

Truth = NDArray[np.int64]
Scores = NDArray[np.float64]


def accuracy(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Share of rows labelled as the truth has them."""
    return float(accuracy_score(truth, called(scores, threshold)))


def f1_positive(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Harmonic mean of precision and recall of the positive label."""
    return float(f1_score(truth, called(scores, threshold), pos_label=1, zero_division=0))


def f1_negative(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The same for the negative label."""
    return float(f1_score(truth, called(scores, threshold), pos_label=0, zero_division=0))


def macro_f1(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The mean of both labels' F1."""
    return (f1_positive(truth, scores, threshold=threshold) + f1_negative(truth, scores, threshold=threshold)) / 2


def precision(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Of the rows called positive, the share that is."""
    return float(precision_score(truth, called(scores, threshold), zero_division=0))


def recall(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Of the positive rows, the share that was called so."""
    return float(recall_score(truth, called(scores, threshold), zero_division=0))


def balanced_accuracy(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """The mean of the shares of both labels' rows that were labelled right."""
    return _counted("balanced_accuracy", truth, scores, threshold)


def mcc(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Matthews' correlation of truth and call: 0 where either is all of one label."""
    return _counted("mcc", truth, scores, threshold)


def weighted_f1(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Both labels' F1, each as much as it has rows: for comparison with papers only, since it hides the rarer label."""
    return _counted("weighted_f1", truth, scores, threshold)


def fpr(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Of the negative rows, the share that was called positive."""
    return _counted("fpr", truth, scores, threshold)


def fnr(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Of the positive rows, the share that was called negative."""
    return _counted("fnr", truth, scores, threshold)


def confusion(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> NDArray[np.int64]:
    """Rows by truth (down) and call (across), negative first."""
    counted: NDArray[np.int64] = confusion_matrix(truth, called(scores, threshold), labels=[0, 1])
    return counted


def called(scores: Scores, threshold: float) -> Truth:
    """1 where the score reaches the threshold."""
    return (scores >= threshold).astype(np.int64)


def _counted(metric: str, truth: Truth, scores: Scores, threshold: float) -> float:
    return float(of_counts(confusion(truth, scores, threshold=threshold).reshape(1, 4).astype(np.float64), metric)[0])
