"""Lines show their points, and the letters of marks never cover one another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.reporting.charts.line import Mark, Series, line
from hatetinyllm.reporting.charts.scale import Axis

AXES = {"x": Axis(name="false-positive rate"), "y": Axis(name="recall")}
CURVE = Series(name="ours", x=(0, 0.2, 1), y=(0, 0.8, 1))


def test_a_curve_with_all_that_may_stand_around_it(read, texts) -> None:
    banded = Series(name="theirs", x=(0, 1), y=(0.2, 0.6), low=(0.1, 0.5), high=(0.3, 0.7), dotted=True)
    marks = [Mark(label="balanced, from .5", x=0.2, y=0.8), Mark(label="strict", x=0.9)]
    root = read(line("ROC", [CURVE, banded], **AXES, marks=marks, level=("prevalence", 0.4), diagonal="chance"))
    said = texts(root)
    for word in ("ours", "theirs", "prevalence", "chance", "balanced, from .5", "strict", "A", "B", "recall"):
        assert word in said
    assert root[1].text == "recall against false-positive rate: ours, theirs."


def test_hostile_names_are_shown_as_they_are(read, texts) -> None:
    evil = "<script>&'\""
    root = read(line(evil, [Series(name=evil, x=(0, 1), y=(0, 1))], **AXES, says=evil, marks=[Mark(label=evil, x=0.5)]))
    assert texts(root).count(evil) == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=6))
def test_letters_never_cover_one_another(places: list[tuple[float, float]]) -> None:
    marks = [Mark(label="m", x=x, y=y) for x, y in places[::2]] + [Mark(label="m", x=x) for x, _ in places[1::2]]
    svg = line("t", [CURVE], **AXES, marks=marks)
    plot = svg.split('class="curve')[-1]
    found = [part for part in plot.split("<circle ")[1:] if 'r="7.5"' in part][: len(marks)]
    spots = [tuple(float(part.split(f'{name}="')[1].split('"')[0]) for name in ("cx", "cy")) for part in found]
    assert len(spots) == len(marks)
    for number, one in enumerate(spots):
        assert all(abs(one[0] - other[0]) > 15.8 or abs(one[1] - other[1]) > 15.8 for other in spots[:number])


def test_a_curve_of_many_rows_is_no_longer_than_one_of_a_thousand() -> None:
    steps = [step / 50_000 for step in range(50_001)]
    assert len(line("t", [Series(name="long", x=steps, y=steps)], **AXES)) < 20_000


def test_points_without_a_partner_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="not of one length"):
        Series(name="a", x=(1, 2), y=(1,))
    with pytest.raises(ValueError, match="not of one length"):
        Series(name="a", x=(1,), y=(1,), low=(1,))
