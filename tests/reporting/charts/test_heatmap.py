"""Every figure is written in its cell; what is low is marked by more than a shade."""

import pytest

from hatetinyllm.reporting.charts.heatmap import heatmap


def test_figures_dashes_and_marks(read, texts) -> None:
    root = read(heatmap("t", ["one", "two"], ["ours", "theirs"], [[0.9, None], [0.2, 1.0]], bar=0.5, groups=["easy", "hard"]))
    said = texts(root)
    assert {"ours", "theirs", "easy", "one", ".90", "–", "hard", "two", ".20 ▾", "1.00"} <= set(said)
    assert root[1].text == "one: ours .90, theirs –; two: ours .20, theirs 1.00."


def test_the_lower_a_figure_the_deeper_its_shade(read) -> None:
    root = read(heatmap("t", ["a", "b", "c"], ["x"], [[0.0], [0.5], [1.0]]))
    shades = [float((found.get("fill-opacity") or "").rstrip("%")) for found in root.iter() if found.get("fill-opacity")]
    assert shades == [50, 25, 0]


def test_many_columns_make_it_wider_than_a_phone(read) -> None:
    root = read(heatmap("t", ["a"], [f"detector {number}" for number in range(9)], [[0.5] * 9]))
    assert root.get("viewBox", "").split()[2] == "579"
    assert root.get("class") == "chart roomy"


def test_a_long_name_is_cut_and_told_in_full() -> None:
    assert "…<title>" + "n" * 60 in heatmap("t", ["n" * 60], ["x"], [[0.5]])


def test_figures_without_a_place_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="2 rows of 1 columns"):
        heatmap("t", ["a", "b"], ["x"], [[0.5]])
