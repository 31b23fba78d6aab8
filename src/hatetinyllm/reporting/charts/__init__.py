"""Charts as SVG: one function a kind of chart, each gives a string that stands in a page as it is."""

from hatetinyllm.reporting.charts.bars import Bar, BarGroup, bars
from hatetinyllm.reporting.charts.heatmap import heatmap
from hatetinyllm.reporting.charts.histogram import Counts, histogram
from hatetinyllm.reporting.charts.line import Mark, Series, line
from hatetinyllm.reporting.charts.reliability import Bin, reliability
from hatetinyllm.reporting.charts.scale import Axis
from hatetinyllm.reporting.charts.stacked import Stack, stacked
from hatetinyllm.reporting.charts.style import CHART_RULES, PALETTE, stand_alone, to_svg_file

__all__ = [
    "CHART_RULES",
    "PALETTE",
    "Axis",
    "Bar",
    "BarGroup",
    "Bin",
    "Counts",
    "Mark",
    "Series",
    "Stack",
    "bars",
    "heatmap",
    "histogram",
    "line",
    "reliability",
    "stacked",
    "stand_alone",
    "to_svg_file",
]
