"""Colours can be told from their paper, and a chart of its own needs nothing else."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from hatetinyllm.reporting.charts import Axis, Series, line
from hatetinyllm.reporting.charts.heatmap import DEEPEST
from hatetinyllm.reporting.charts.style import CHART_RULES, COLOURS, PALETTE, stand_alone, to_svg_file, variables

LETTERS = ("ink", "faint", "alarm", *(f"c{number}" for number in range(COLOURS)))


def brightness(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(over: str, under: str, share: float) -> str:
    pairs = [(int(over[place : place + 2], 16), int(under[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(own * share + other * (1 - share)):02x}" for own, other in pairs)


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("ground", ["paper", "band"])
def test_letters_stand_out_from_their_paper(name: str, place: int, ground: str) -> None:
    assert contrast(PALETTE[name][place], PALETTE[ground][place]) >= 4.5


@pytest.mark.parametrize("place", [0, 1])
def test_letters_stand_out_from_the_deepest_shade(place: int) -> None:
    deepest = mixed(PALETTE["c1"][place], PALETTE["paper"][place], DEEPEST)
    assert contrast(PALETTE["ink"][place], deepest) >= 4.5


def test_the_measure_of_contrast_is_the_known_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_variable_of_the_rules_is_in_the_palette() -> None:
    said = variables(0)
    assert all(f"--{name}:" in said for name in PALETTE)
    used = {part.split(")")[0] for part in CHART_RULES.split("var(--")[1:]}
    assert used <= set(PALETTE)


def test_a_chart_of_its_own_has_its_colours_written_out_light_and_dark(tmp_path: Path) -> None:
    chart = line("a", [Series(name="b", x=(0, 1), y=(0, 1))], x=Axis(name="x"), y=Axis(name="y"))
    to_svg_file(chart, tmp_path / "chart.svg")
    said = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert said == stand_alone(chart)
    root = ElementTree.fromstring(said)
    assert root.get("width") == "540"
    assert "max-width: none; width: 540px" in said  # the rules of a page would make it small
    assert "var(" not in said
    assert "prefers-color-scheme: dark" in said
    assert PALETTE["c0"][0] in said
    assert PALETTE["c0"][1] in said
    assert "url(" not in said
