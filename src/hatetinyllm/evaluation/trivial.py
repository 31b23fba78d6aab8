"""The two rows that read nothing: every text is called hate, or none is. A model below them has learnt to be wrong."""

import numpy as np

from hatetinyllm.evaluation.evaluate import judge_scores
from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.types import Head, Result


def always(truth: Truth, head: Head, *, left_out: int = 0) -> tuple[Result, Result]:
    """Every row called positive, and every row called negative."""
    every, none = (
        judge_scores(truth, scores, head, name=name, left_out=left_out) for name, scores in constant_scores(len(truth), head)
    )
    return every, none


def constant_scores(rows: int, head: Head) -> tuple[tuple[str, Scores], tuple[str, Scores]]:
    """Their names and their scores."""
    negative = next(label for label in head.labels if label != head.positive)
    return (f"always {head.positive}", np.ones(rows)), (f"always {negative}", np.zeros(rows))
