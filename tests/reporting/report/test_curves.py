"""Curves mark the modes; rows of one label have none."""

from dataclasses import replace

import pytest

from hatetinyllm.reporting.report.curves import calibration_of, curves_of, points_of
from hatetinyllm.types import Band


def test_every_mode_is_marked_with_what_it_comes_to(subject, see) -> None:
    page = see(curves_of(subject))
    assert [attributes["aria-labelledby"].split("-title")[0] for tag, attributes in page.tags if tag == "svg"] == [
        "j0-roc",
        "j0-pr",
        "j0-thresholds",
        "j0-scores",
    ]
    for point in points_of(subject.judgement, subject.judgement.rows):
        assert point.mode in page.said
    assert "prevalence .500" in page.said
    assert "oracle" in page.said


def test_points_are_the_rates_of_the_rows(subject) -> None:
    result = subject.judgement.result
    point = next(one for one in points_of(subject.judgement, subject.judgement.rows) if one.mode == "best-guess")
    assert point.recall == pytest.approx(result.metrics["recall"])
    assert point.fpr == pytest.approx(result.metrics["fpr"])
    assert point.precision == pytest.approx(result.metrics["precision"])


def test_a_mode_that_calls_nothing_has_no_precision(subject) -> None:
    judgement = replace(subject.judgement, bands={"never": Band(low=1.0, high=1.0)})
    (point,) = points_of(judgement, judgement.rows)
    assert point.precision is None
    assert point.words == "never, from 1.000: recall .00, FPR .00"


def test_rows_of_one_label_and_no_rows_have_no_curve(subject, bare) -> None:
    one = replace(subject.judgement, result=replace(subject.judgement.result, prevalence=1.0))
    for found in (replace(subject, judgement=one), bare):
        assert "no curve to draw" in curves_of(found)
    assert calibration_of(bare) == ""


def test_reliability_tells_its_error(subject, see) -> None:
    assert "ECE" in see(calibration_of(subject)).said
