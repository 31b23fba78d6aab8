"""What stands around a plot keeps to its width."""

from hatetinyllm.reporting.charts.legend import Entry, Plot, badge, colour, key, legend
from hatetinyllm.reporting.charts.scale import Axis
from hatetinyllm.reporting.charts.svg import LINE


def test_names_go_on_to_the_next_line_where_there_is_no_room() -> None:
    _, one = legend([Entry(name="a", number=0), Entry(name="b", number=1)])
    parts, two = legend([Entry(name="a rather long name of a series", number=number) for number in range(2)])
    assert two == one + LINE + 2
    assert 's1"' in parts[2]
    assert legend([]) == ([], 0.0)


def test_a_name_longer_than_the_chart_is_cut_and_told_in_full() -> None:
    parts, _ = legend([Entry(name="x" * 90, number=None)])
    assert "…<title>" + "x" * 90 in parts[1]


def test_the_key_folds_long_labels() -> None:
    parts, bottom = key(["short", "word " * 30], top=10)
    assert ">A</text>" in parts[1]
    assert bottom > 10 + 4 * LINE


def test_letters_and_colours_come_round_again() -> None:
    assert ">A</text>" in badge(0, 0, 26)[1]
    assert colour(0) == colour(6) == 0


def test_a_plot_puts_low_figures_low() -> None:
    plot = Plot(left=10, top=20, right=110, bottom=220, x=Axis(name="x"), y=Axis(name="y"))
    assert plot.at(0, 0) == (10, 220)
    assert plot.at(1, 1) == (110, 20)
    assert any(">y</text>" in part for part in plot.frame())
