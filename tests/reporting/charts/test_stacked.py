"""Parts are shares of their sum, and are told in words."""

import pytest

from hatetinyllm.reporting.charts.stacked import Stack, stacked

NAMES = ("right", "missed", "<false> alarm")


def test_parts_fill_the_row(read, texts) -> None:
    root = read(stacked("t", [Stack(label="best-guess", parts=(70, 0, 30), said="100 rows")], NAMES))
    assert {"best-guess", "100 rows", ".70", ".30", *NAMES} <= set(texts(root))
    assert root[1].text == "best-guess: right .700, missed .000, <false> alarm .300."
    wide = [float(found.get("width") or 0) for found in root.iter() if (found.get("class") or "").startswith("hull")]
    assert sum(wide) == pytest.approx(360)


def test_a_narrow_part_has_no_figure_in_it_but_a_hint(read, texts) -> None:
    svg = stacked("t", [Stack(label="a", parts=(99, 1, 0))], NAMES)
    assert ".01" not in texts(read(svg))
    assert "<title>missed .01</title>" in svg


def test_nothing_at_all_is_drawn_as_nothing(read) -> None:
    read(stacked("t", [Stack(label="a", parts=(0, 0, 0))], NAMES))


def test_parts_without_a_name_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="needs 3 parts"):
        stacked("t", [Stack(label="a", parts=(1,))], NAMES)
