"""Each weighted form at whole weights is its metric on repeated rows, ties included."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.metrics import METRICS
from hatetinyllm.metrics.calibration import bin_of
from hatetinyllm.metrics.weighted import FAMILIES, Sample, judges_of

FIXED = "ece_pos_adaptive"  # its bins stay those of the whole sample
WEIGHTED = sorted(name for known, _ in FAMILIES for name in known)

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 10), st.integers(0, 5)), min_size=1, max_size=40)
times = st.lists(st.integers(0, 3), min_size=6, max_size=6).filter(any)


def sample_of(rows: list[tuple[bool, int, int]], threshold: float = 0.5) -> Sample:
    _, clusters = np.unique([cluster for _, _, cluster in rows], return_inverse=True)
    return Sample(
        truth=np.array([int(label) for label, _, _ in rows]),
        scores=np.array([score / 10 for _, score, _ in rows]),
        clusters=clusters.astype(np.int64),
        threshold=threshold,
    )


def values_of(sample: Sample, weights: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    return {name: values for judge in judges_of(sample, names) for name, values in judge(weights).items()}


def test_every_registered_metric_has_a_weighted_form() -> None:
    assert sorted(METRICS) == WEIGHTED


@settings(max_examples=300, deadline=None)
@given(rows, times, st.sampled_from([0.3, 0.5, 0.75]))
def test_weighting_is_repeating(rows: list[tuple[bool, int, int]], times: list[int], threshold: float) -> None:
    sample = sample_of(rows, threshold)
    weights = np.array([times[: sample.count]], dtype=np.float64)
    often = weights[0].astype(int)[sample.clusters]
    if not often.any():
        return
    truth, scores = np.repeat(sample.truth, often), np.repeat(sample.scores, often)
    found = values_of(sample, weights, WEIGHTED)
    for name in set(WEIGHTED) - {FIXED}:
        assert found[name][0] == pytest.approx(METRICS.get(name)(truth, scores, threshold=threshold), abs=1e-12, nan_ok=True), (
            name
        )
    bins = np.repeat(bin_of(sample.scores, equal_mass=True), often)
    parts = [abs((scores - truth)[bins == place].sum()) for place in np.unique(bins)]
    assert found[FIXED][0] == pytest.approx(sum(parts) / len(truth))


@settings(deadline=None)
@given(rows)
def test_at_weights_of_one_every_form_is_its_metric(rows: list[tuple[bool, int, int]]) -> None:
    sample = sample_of(rows)
    found = values_of(sample, np.ones((2, sample.count)), WEIGHTED)
    for name in WEIGHTED:
        expected = METRICS.get(name)(sample.truth, sample.scores)
        assert found[name].tolist() == pytest.approx([expected, expected], abs=1e-12, nan_ok=True)


def test_a_draw_of_one_label_is_not_a_number_and_leaves_the_others_alone() -> None:
    sample = sample_of([(True, 9, 0), (False, 1, 1), (False, 2, 1)])
    found = values_of(sample, np.array([[2.0, 0.0], [1.0, 1.0]]), ["auroc", "accuracy", "fpr"])
    assert math.isnan(found["auroc"][0])
    assert found["auroc"][1] == 1
    assert found["accuracy"].tolist() == [1, 1]
    assert math.isnan(found["fpr"][0])


def test_a_metric_of_the_users_own_sees_the_rows_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def mean_score(truth: np.ndarray, scores: np.ndarray, *, threshold: float = 0.5) -> float:
        seen.append(scores.tolist())
        return float(scores.mean()) + threshold

    monkeypatch.setattr(METRICS, "_places", {**METRICS.places, "mean_score": "made.up:mean_score"})
    monkeypatch.setattr(type(METRICS), "get", lambda table, name: mean_score)
    sample = sample_of([(True, 9, 0), (False, 1, 1)], 0.4)
    found = values_of(sample, np.array([[2.0, 1.0], [0.0, 2.0]]), ["mean_score"])
    assert seen == [[0.9, 0.9, 0.1], [0.1, 0.1]]
    assert found["mean_score"].tolist() == pytest.approx([1.9 / 3 + 0.4, 0.5])
