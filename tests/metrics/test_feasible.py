"""Feasibility against brute force, and on the figures of the paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.errors import DataError
from hatetinyllm.metrics.classification import accuracy, f1_negative, f1_positive, macro_f1
from hatetinyllm.metrics.feasible import (
    DEFINITIONS,
    Check,
    _corners,
    attainable,
    check,
    constant_answers,
    whole_rows_exist,
    why_not,
)
from hatetinyllm.metrics.printed import Span, as_printed

DYNAHATE, HATEVAL = 22_175 / 41_144, 3_783 / 9_000
shares = st.floats(0.05, 0.95)


def point(value: float) -> Span:
    return Span(low=value, high=value)


def around(value: float, half: float) -> Span:
    return Span(low=max(0.0, value - half), high=min(1.0, value + half))


def read(accuracy_text: str, f1_text: str, share: float) -> Check:
    return check(as_printed(accuracy_text, "accuracy"), as_printed(f1_text, "F1"), point(share))


def by_hand(x: float, t: float, share: float) -> dict[str, float]:
    """Every F1 of so many true positives and true negatives, as shares."""
    called, called_not = x + 1 - share - t, t + share - x
    recalls, precisions = (x / share, t / (1 - share)), (x / called if called else 0.0, t / called_not if called_not else 0.0)
    one, other = (2 * p * r / (p + r) if p + r else 0.0 for p, r in zip(precisions, recalls, strict=True))
    both = (one + other) / 2, share * one + (1 - share) * other
    return dict(zip(DEFINITIONS, (one, other, *both), strict=True))


def grid(share: float, steps: int = 120) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Accuracy and every F1 on a grid of all answers there can be."""
    x, t = np.meshgrid(np.linspace(1e-9, share, steps), np.linspace(1e-9, 1 - share, steps))
    one, other = 2 * x / (x + 1 - t), 2 * t / (t + 1 - x)
    return x + t, dict(zip(DEFINITIONS, (one, other, (one + other) / 2, share * one + (1 - share) * other), strict=True))


@settings(max_examples=60, deadline=None)
@given(share=shares, recall=st.floats(0.01, 1), kept=st.floats(0, 1))
def test_whatever_answers_have_is_feasible_and_lies_within_what_is_implied(share: float, recall: float, kept: float) -> None:
    x, t = recall * share, kept * (1 - share)
    precision = x / (x + 1 - share - t)
    for definition, value in by_hand(x, t, share).items():
        found = check(around(x + t, 0.005), around(value, 0.005), point(share)).readings[definition]
        assert found.feasible
        assert found.recall is not None
        assert found.precision is not None
        slack = 1e-6 if definition.startswith("f1") else 2e-3  # the averages are searched along lines
        assert found.recall.low - slack <= recall <= found.recall.high + slack
        assert found.precision.low - slack <= precision <= found.precision.high + slack


@settings(max_examples=25, deadline=None)
@given(share=shares, wanted=st.floats(0.02, 0.98))
def test_the_attainable_span_is_that_of_a_grid(share: float, wanted: float) -> None:
    accuracies, values = grid(share, 200)
    here = np.abs(accuracies - wanted) <= 0.02
    for definition in DEFINITIONS:
        allowed = attainable(definition, around(wanted, 0.02), point(share))
        seen = values[definition][here]
        assert allowed.low - 1e-6 <= seen.min()
        assert seen.max() <= allowed.high + 1e-6
        # The span is no wider than the grid is coarse, unless F1 is steep: few positives, where one more changes much.
        if 0.3 < share < 0.7 and 0.3 < wanted < 0.9:
            assert seen.min() - allowed.low < 0.03
            assert allowed.high - seen.max() < 0.03


@settings(max_examples=60, deadline=None)
@given(share=shares, wanted=st.floats(0.02, 0.98), value=st.floats(0.02, 0.98), half=st.sampled_from([0.0005, 0.005, 0.02]))
def test_corners_and_closed_forms_agree(share: float, wanted: float, value: float, half: float) -> None:
    for definition in ("f1_positive", "f1_negative"):
        allowed = attainable(definition, around(wanted, half), around(share, half))
        gap = max(allowed.low, value - half) - min(allowed.high, value + half)
        if abs(gap) > 1e-6:
            found = _corners(definition, around(wanted, half), around(value, half), around(share, half))
            assert bool(len(found)) == (gap < 0)


@settings(max_examples=30, deadline=None)
@given(share=shares, wanted=st.floats(0.02, 0.98), value=st.floats(0.02, 0.98))
def test_the_nearest_figures_are_feasible(share: float, wanted: float, value: float) -> None:
    found = check(point(wanted), point(value), point(share))
    for definition, reading in found.readings.items():
        assert attainable(definition, point(wanted), point(share)).holds(reading.nearest_f1)
        allowed = attainable(definition, point(reading.nearest_accuracy), point(share))
        assert allowed.low - 1e-6 <= value <= allowed.high + 1e-6


@given(share=shares)
def test_swapping_the_labels_swaps_the_readings(share: float) -> None:
    one = attainable("f1_positive", point(0.7), point(share))
    other = attainable("f1_negative", point(0.7), point(1 - share))
    assert (one.low, one.high) == (pytest.approx(other.low), pytest.approx(other.high))


@given(share=shares, wanted=shares)
def test_macro_f1_is_never_above_accuracy(share: float, wanted: float) -> None:
    assert attainable("macro_f1", point(wanted), point(share)).high <= wanted + 1e-9


DYNAHATE_CELLS = [
    ("0.50", "0.61"),
    ("0.52", "0.66"),
    ("0.53", "0.54"),
    ("0.58", "0.52"),
    ("0.71", "0.75"),
    ("0.70", "0.76"),
    ("0.71", "0.71"),
    ("0.80", "0.81"),
    ("0.80", "0.83"),
    ("0.82", "0.83"),
]


def test_on_dynahate_only_the_f1_of_one_label_admits_all_ten_cells() -> None:
    found = [read(*cell, DYNAHATE) for cell in DYNAHATE_CELLS]
    refused = {definition: sum(not one.readings[definition].feasible for one in found) for definition in DEFINITIONS}
    assert refused == {"f1_positive": 0, "f1_negative": 0, "macro_f1": 8, "weighted_f1": 5}


@pytest.mark.parametrize("share", [HATEVAL - 0.02, HATEVAL, HATEVAL + 0.02])
def test_one_cell_is_impossible_whatever_the_test_part_was(share: float) -> None:
    found = read("0.73", "0.16", share)
    assert not found.possible
    assert "no definition of F1" in why_not(found)


def test_an_accuracy_of_73_needs_an_f1_of_527() -> None:
    assert attainable("f1_positive", point(0.73), point(0.4203)).low == pytest.approx(0.527, abs=5e-4)
    assert read("0.73", "0.16", HATEVAL).readings["f1_positive"].nearest_f1 == pytest.approx(0.514, abs=5e-4)


def test_a_suspicious_cell_tells_what_it_implies() -> None:
    found = read("0.80", "0.81", HATEVAL).readings["f1_positive"]
    assert found.recall is not None
    assert found.precision is not None
    assert found.recall.holds(0.98)
    assert found.precision.holds(0.68)
    assert found.recall.low > 0.95
    assert found.precision.high < 0.70


def test_a_rounded_share_allows_more_than_an_exact_one() -> None:
    for definition in DEFINITIONS:
        wide, exact = (attainable(definition, around(0.8, 0.005), share) for share in (around(0.42, 0.02), point(0.42)))
        assert wide.low <= exact.low + 1e-12
        assert exact.high <= wide.high + 1e-12
        assert wide.high - wide.low > exact.high - exact.low


@settings(max_examples=40, deadline=None)
@given(positives=st.integers(1, 29), wrong_yes=st.integers(0, 29), wrong_no=st.integers(0, 29), digits=st.sampled_from([2, 3]))
def test_whole_rows_agree_with_every_table_of_counts(positives: int, wrong_yes: int, wrong_no: int, digits: int) -> None:
    rows = 30
    tp, fp = max(0, positives - wrong_no), min(rows - positives, wrong_yes)
    truth = np.array([1] * positives + [0] * (rows - positives))
    scores = np.array([1.0] * tp + [0.0] * (positives - tp) + [1.0] * fp + [0.0] * (rows - positives - fp))
    half = 0.5 * 10**-digits
    for definition, metric in {"f1_positive": f1_positive, "f1_negative": f1_negative, "macro_f1": macro_f1}.items():
        spans = (around(accuracy(truth, scores), half), around(metric(truth, scores), half), around(positives / rows, half))
        assert whole_rows_exist(definition, *spans, rows)


def test_whole_rows_refuse_what_shares_allow() -> None:
    spans = as_printed(".733", "accuracy"), as_printed(".700", "F1"), as_printed(".400", "share")
    assert check(*spans).readings["f1_positive"].feasible
    found = check(*spans, rows=10)
    assert found.counted
    assert not found.possible
    assert "whole rows" in why_not(found)


def test_too_many_rows_are_read_as_shares() -> None:
    spans = as_printed(".80", "accuracy"), as_printed(".81", "F1"), as_printed(".54", "share")
    found = check(*spans, rows=41_144)
    assert not found.counted
    assert found.possible


def test_constant_answers_are_the_metrics_of_constant_scores() -> None:
    truth = np.array([1] * 539 + [0] * 461)
    for score, found in zip((1.0, 0.0), constant_answers(0.539), strict=True):
        scores = np.full(1000, score)
        assert found.accuracy == pytest.approx(accuracy(truth, scores))
        assert found.f1["f1_positive"] == pytest.approx(f1_positive(truth, scores))
        assert found.f1["f1_negative"] == pytest.approx(f1_negative(truth, scores))
        assert found.f1["macro_f1"] == pytest.approx(macro_f1(truth, scores))


def test_one_label_alone_is_refused() -> None:
    with pytest.raises(DataError, match="rows of both labels"):
        check(point(0.8), point(0.8), point(1.0))


def test_perfect_answers_are_feasible() -> None:
    found = read("1.00", "1.00", 0.42)
    assert all(reading.feasible for reading in found.readings.values())
    never = read("0.58", "0.00", 0.42).readings["f1_positive"]
    assert never.feasible


FIGURES = [f"{value / 100:.2f}" for value in (0, 1, 2, 17, 50, 83, 98, 99, 100)]


@pytest.mark.parametrize("share", ["0.00", "1.00", "0.01", "0.99"])
@pytest.mark.parametrize("accuracy_text", FIGURES)
def test_a_printed_share_of_none_or_all_is_read_without_dividing_by_nothing(accuracy_text: str, share: str) -> None:
    for f1_text in FIGURES:
        found = check(as_printed(accuracy_text, "accuracy"), as_printed(f1_text, "F1"), as_printed(share, "share"))
        for reading in found.readings.values():
            for span in (reading.attainable, *(one for one in (reading.recall, reading.precision) if one)):
                assert 0 <= span.low <= span.high <= 1, (f1_text, reading)  # no number is neither


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(150, 5000), hits=st.floats(0, 1), wrong=st.floats(0, 0.2), rare=st.booleans())
def test_figures_printed_of_a_rare_label_imply_its_recall(rows: int, hits: float, wrong: float, rare: bool) -> None:
    positives = max(1, rows // 250) if rare else rows - max(1, rows // 250)
    tp, fp = round(hits * positives), round(wrong * (rows - positives))
    correct = tp + rows - positives - fp
    f1 = 2 * tp / (2 * tp + rows - correct) if tp else 0.0
    figures = (f"{value:.2f}" for value in (correct / rows, f1, positives / rows))
    reading = check(*(as_printed(figure, "figure") for figure in figures)).readings["f1_positive"]
    assert reading.feasible
    assert reading.recall is not None
    assert reading.recall.low - 1e-3 <= tp / positives <= reading.recall.high + 1e-3


def test_near_perfect_answers_to_a_rare_label_found_nearly_all_of_it() -> None:
    found = check(*(as_printed(text, "figure") for text in ("1.00", "1.00", "0.00"))).readings["f1_positive"]
    assert found.recall is not None
    assert found.recall.low == pytest.approx(0.99, abs=2e-3)
