"""Results with an interval beside every figure: how far it would wander on other rows of the same kind."""

from dataclasses import replace

import numpy as np

from hatetinyllm.evaluation.evaluate import judge_scores, said_of
from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.resample import intervals
from hatetinyllm.types import Head, Result


def judge_rows(rows: Rows, head: Head, *, name: str, threshold: float, draws: int, seed: int, left_out: int = 0) -> Result:
    """The result of judged rows; whole groups of kin are drawn, for what is said of one row is half said of its kin."""
    assert head.positive is not None, head
    plain = judge_scores(rows.truth, rows.scores, head, name=name, threshold=threshold, left_out=left_out)
    found = intervals(rows.truth, rows.scores, rows.clusters, tuple(METRICS), threshold=threshold, draws=draws, seed=seed)
    negative = next(label for label in head.labels if label != head.positive)
    said = {said_of(metric, head.positive, negative): one for metric, one in found.items() if one is not None}
    said = {name: one for name, one in said.items() if plain.metrics[name] is not None}
    return replace(plain, intervals=said, clusters=len(np.unique(rows.clusters)))
