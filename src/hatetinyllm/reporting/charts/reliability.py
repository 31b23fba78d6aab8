"""Reliability: of the rows with this score, how many are what it says? Points grow with their rows; below, how many rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hatetinyllm.reporting.charts.legend import Entry, Plot, legend
from hatetinyllm.reporting.charts.scale import Axis
from hatetinyllm.reporting.charts.svg import WIDTH, box, dot, drawing, path, stroke, width_of, words
from hatetinyllm.reporting.figure import share

HEIGHT, BELOW = 240.0, 46.0
SMALLEST, LARGEST = 3.0, 9.0  # points


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows whose scores lie from `start` to `end`: their mean score, and the share that is positive, with its interval."""

    start: float
    end: float
    score: float
    positive: float
    rows: int
    low: float | None = None
    high: float | None = None


def reliability(title: str, bins: Sequence[Bin], *, positive: str, says: str = "", anchor: str = "chart") -> str:
    """The chart of the bins that have rows."""
    found = [one for one in bins if one.rows]
    names, top = legend([Entry(name="the score says what is", number=None)])
    x, y = Axis(name="score"), Axis(name=f"share that is {positive}")
    most = max((one.rows for one in found), default=1)
    left = max(31.0, width_of(f"{most:,}", 11) + 6)
    plot = Plot(left=left, top=top + 21, right=WIDTH - 10, bottom=top + 21 + HEIGHT, x=x, y=y)
    parts = [*names, *plot.frame(), path([plot.at(0, 0), plot.at(1, 1)], "level")]
    parts.append(path([plot.at(one.score, one.positive) for one in found], "curve s0") if len(found) > 1 else "")
    for one in found:
        parts += _point(one, plot, most)
    parts += _counts(found, plot, most)
    told = "; ".join(f"at {share(one.score, 2)} {share(one.positive, 2)} of {one.rows:,} rows" for one in found)
    return drawing(title, says or f"Share that is {positive}: {told}.", plot.bottom + 52 + BELOW, *parts, anchor=anchor)


def _point(one: Bin, plot: Plot, most: int) -> list[str]:
    x, y = plot.at(one.score, one.positive)
    parts = []
    if one.low is not None and one.high is not None:
        low, high = plot.at(one.score, one.low)[1], plot.at(one.score, one.high)[1]
        parts += [
            stroke(x, low, x, high, "whisker"),
            stroke(x - 3, low, x + 3, low, "whisker"),
            stroke(x - 3, high, x + 3, high, "whisker"),
        ]
    size = SMALLEST + (LARGEST - SMALLEST) * math.sqrt(one.rows / most)
    told = f"score {share(one.score)}: {share(one.positive)} of {one.rows:,} rows"
    return [*parts, dot(x, y, size, "dot f0", hint=told)]


def _counts(bins: Sequence[Bin], plot: Plot, most: int) -> list[str]:
    """Hanging below the plot under the same axis: where the scores lie."""
    top = plot.bottom + 44
    parts = [words(0, top + 12, f"{most:,}", class_="small"), words(0, top + BELOW, "rows", class_="small faint")]
    for one in bins:
        left, right = plot.at(one.start, 0)[0], plot.at(one.end, 0)[0]
        high = max(BELOW * one.rows / most, 0.8)
        shape = (left + 0.5, top + BELOW - high, max(right - left - 1, 0.8), high)
        parts.append(box(*shape, "bar f0", hint=f"{one.rows:,} rows"))
    return [*parts, stroke(plot.left, top + BELOW, plot.right, top + BELOW, "axis")]
