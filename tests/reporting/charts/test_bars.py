"""Bars tell their figure, their interval, and why there is none."""

from hatetinyllm.reporting.charts.bars import Bar, BarGroup, bars
from hatetinyllm.reporting.charts.scale import Axis

RATE = Axis(name="false-positive rate")


def test_every_bar_has_its_name_figure_and_interval(read, texts) -> None:
    group = BarGroup(title="per group", bars=(Bar(label="women", value=0.2, low=0.15, high=0.26), Bar(label="all", value=0.1)))
    root = read(bars("t", [group], axis=RATE, names=("ours",), level=("every row", 0.12)))
    said = texts(root)
    for word in ("per group", "women", ".200 [.150, .260]", "all", ".100", "ours", "every row"):
        assert word in said
    assert root[1].text == "false-positive rate: women .200 [.150, .260]; all .100."


def test_a_bar_without_a_figure_is_grey_and_says_why(read, texts) -> None:
    svg = bars("t", [BarGroup(bars=(Bar(label="few", value=None, said="insufficient: 3 rows"),))], axis=RATE)
    assert "insufficient: 3 rows" in texts(read(svg))
    assert ">few</text>" in svg
    assert 'class="faint"' in svg
    assert "<rect" not in svg


def test_a_long_name_leaves_its_figure_alone(read) -> None:
    svg = bars("t", [BarGroup(bars=(Bar(label="long name " * 9, value=0.5, low=0.4, high=0.6),))], axis=RATE)
    read(svg)
    assert "…<title>" + "long name " * 9 in svg


def test_negative_figures_go_to_the_left_of_nought() -> None:
    svg = bars("t", [BarGroup(bars=(Bar(label="a", value=-0.5),))], axis=Axis(name="change", low=-1, high=1))
    assert '<rect x="93" y="20" width="87"' in svg
