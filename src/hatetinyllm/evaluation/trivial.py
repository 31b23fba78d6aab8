"""The two rows that read nothing: every text is called hate, or none is. A model below them has learnt to be wrong."""

import numpy as np

from hatetinyllm.evaluation.evaluate import judge_scores
from hatetinyllm.metrics.classification import Truth
from hatetinyllm.types import Head, Result


def always(truth: Truth, head: Head, *, left_out: int = 0) -> tuple[Result, Result]:
    """Every row called positive, and every row called negative."""
    negative = next(label for label in head.labels if label != head.positive)
    every, none = (
        judge_scores(truth, np.full(len(truth), score), head, name=f"always {label}", left_out=left_out)
        for label, score in ((head.positive, 1.0), (negative, 0.0))
    )
    return every, none
