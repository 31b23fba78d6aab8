"""A result with intervals: one for every figure, wider where rows have kin."""

import numpy as np

from hatetinyllm.evaluation.drawn import judge_rows
from hatetinyllm.evaluation.rows import Rows


def test_every_figure_lies_near_its_interval(noisy_rows, hate) -> None:
    found = judge_rows(noisy_rows(400), hate, name="mine", threshold=0.5, draws=300, seed=1, left_out=3)
    assert found.left_out == 3
    assert found.clusters == 200
    for name in ("accuracy", "f1_hate", "f1_not_hate", "macro_f1", "auroc", "auprc", "mcc", "brier"):
        interval, value = found.intervals[name], found.metrics[name]
        assert interval.low < value < interval.high, name


def test_rows_that_repeat_their_kin_say_less_than_they_count(hate, noisy_rows) -> None:
    half = noisy_rows(200)
    ids = tuple(f"{id}{copy}" for copy in "ab" for id in half.ids)
    both = {"ids": ids, "truth": np.tile(half.truth, 2), "scores": np.tile(half.scores, 2)}
    alone = Rows(**both, clusters=np.arange(400))
    kin = Rows(**both, clusters=np.tile(np.arange(200), 2))
    widths = []
    for rows in (alone, kin):
        interval = judge_rows(rows, hate, name="mine", threshold=0.5, draws=1000, seed=1).intervals["accuracy"]
        widths.append(interval.high - interval.low)
    assert widths[1] > 1.25 * widths[0]  # in theory by the square root of two


def test_a_figure_that_needs_both_labels_has_no_interval_without_them(hate) -> None:
    own = {"ids": tuple(str(row) for row in range(40)), "scores": np.tile([0.9, 0.2], 20), "clusters": np.arange(40)}
    for label in (0, 1):
        rows = Rows(**own, truth=np.full(40, label))
        found = judge_rows(rows, hate, name="mine", threshold=0.5, draws=100, seed=1)
        for name in ("auroc", "f1_hate", "f1_not_hate", "macro_f1", "weighted_f1", "mcc", "precision"):
            assert found.metrics[name] is None, name
            assert name not in found.intervals, name
        for name in ("accuracy", "recall" if label else "fpr", "brier"):
            assert found.metrics[name] is not None, name
            assert name in found.intervals, name


def test_few_groups_of_kin_have_figures_and_no_interval(hate, noisy_rows) -> None:
    found = judge_rows(noisy_rows(18), hate, name="mine", threshold=0.5, draws=100, seed=1)  # nine pairs
    assert found.metrics["accuracy"] is not None
    assert (found.clusters, found.intervals) == (9, {})
