"""A learning curve on a screen: sizes, figures and a picture on one scale."""

import pytest

from hatetinyllm.cli.curve import show_curve
from hatetinyllm.studies.learning import Curve, Point
from hatetinyllm.types import Interval


def test_points_stand_on_one_scale(capsys: pytest.CaptureFixture[str]) -> None:
    points = (
        Point(rows=100, value=0.5, interval=Interval(low=0.4, high=0.6), seeds=1, deviation=None),
        Point(rows=1600, value=0.9, interval=Interval(low=0.8, high=1.0), seeds=3, deviation=0.01),
    )
    show_curve(Curve(metric="macro_f1", points=points, per_doubling=0.1), "demo test")
    said = capsys.readouterr().out
    first, second = (line for line in said.splitlines() if "●" in line)
    assert first.index("●") < second.index("●")
    assert "1,600" in second
    assert "3 seeds, sd 0.010" in second
    assert "(mean of seeds')" in said
    assert "each doubling of train brought +0.100" in said


def test_one_point_without_an_interval_is_shown_too(capsys: pytest.CaptureFixture[str]) -> None:
    point = Point(rows=100, value=0.5, interval=None, seeds=1, deviation=None)
    show_curve(Curve(metric="macro_f1", points=(point,), per_doubling=None), "demo test")
    said = capsys.readouterr().out
    assert "●" in said
    assert "mean of seeds" not in said
