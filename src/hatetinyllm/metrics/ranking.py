"""Metrics of the order the scores make; the threshold that every metric is given plays no part."""

import math

import numpy as np
from sklearn.metrics import roc_auc_score

from hatetinyllm.metrics.classification import Scores, Truth


def auroc(truth: Truth, scores: Scores, *, threshold: float = 0.5) -> float:
    """Chance that a positive row scores above a negative one, ties one half; not a number where one label is missing."""
    return math.nan if len(np.unique(truth)) < 2 else float(roc_auc_score(truth, scores))
