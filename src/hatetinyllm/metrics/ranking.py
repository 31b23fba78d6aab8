"""Metrics of the order the scores make, at no threshold."""

import math

import numpy as np
from sklearn.metrics import roc_auc_score

from hatetinyllm.metrics.classification import Scores, Truth


def auroc(truth: Truth, scores: Scores) -> float:
    """Chance that a positive row scores above a negative one, ties one half; not a number where one label is missing."""
    return math.nan if len(np.unique(truth)) < 2 else float(roc_auc_score(truth, scores))
