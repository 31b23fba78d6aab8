"""
Bars with whiskers, one below the other: per group, per slice, per function.

A name stands above its bar and its figure at the end of that line, so that long names have room on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hatetinyllm.reporting.charts.legend import Entry, colour, legend
from hatetinyllm.reporting.charts.scale import Axis
from hatetinyllm.reporting.charts.svg import SMALL, WIDTH, box, drawing, shortened, stroke, width_of, words
from hatetinyllm.reporting.figure import interval, share

ROW, BARE, THICK, HEADING = 34.0, 20.0, 9.0, 26.0  # a row without a figure is bare
EDGE = 6.0  # room for the figure at each end of the axis


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A name and its figure; without one `said` tells why. `number` is its colour where several are compared."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    said: str = ""
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class BarGroup:
    """Bars under a heading; no heading where there is one group alone."""

    bars: tuple[Bar, ...]
    title: str = ""


def bars(
    title: str,
    groups: Sequence[BarGroup],
    *,
    axis: Axis,
    says: str = "",
    names: Sequence[str] = (),
    level: tuple[str, float] | None = None,
    anchor: str = "chart",
) -> str:
    """The chart; `names` are of the colours, `level` is a named figure drawn through all bars."""
    entries = [Entry(name=name, number=number, filled=True) for number, name in enumerate(names)]
    entries += [Entry(name=level[0], number=None)] if level else []
    parts, y = legend(entries)
    rows: list[str] = []
    for group in groups:
        if group.title:
            rows.append(words(0, y + 17, shortened(group.title, WIDTH), class_="strong"))
            y += HEADING
        for bar in group.bars:
            rows += _row(bar, y, axis, level[1] if level else None)
            y += BARE if bar.value is None else ROW
    ends = [words(_place(axis, tick), y + 12, axis.says(tick), class_="small", anchor="middle") for tick in axis.ticks()]
    name = words(WIDTH / 2, y + 28, axis.name, class_="small faint", anchor="middle")
    return drawing(title, says or _in_words(groups, axis), y + 34, *parts, *rows, *ends, name, anchor=anchor)


def said_of(bar: Bar) -> str:
    """Its figure and interval, as they are written."""
    if bar.said or bar.value is None:
        return bar.said or "–"
    return share(bar.value) + (f" {interval(bar.low, bar.high)}" if bar.low is not None and bar.high is not None else "")


def _place(axis: Axis, value: float) -> float:
    return axis.place(value, EDGE, WIDTH - EDGE)


def _row(bar: Bar, y: float, axis: Axis, level: float | None) -> list[str]:
    figure = said_of(bar)
    name = shortened(bar.label, WIDTH - width_of(figure, SMALL) - 10)
    if bar.value is None:
        return _named(bar, name, figure, y)
    parts = [stroke(_place(axis, tick), y + 18, _place(axis, tick), y + 31, "grid") for tick in axis.ticks()]
    parts += _named(bar, name, figure, y)
    parts += _drawn(bar, bar.value, y, axis)
    return parts if level is None else [*parts, stroke(_place(axis, level), y + 17, _place(axis, level), y + 32, "level")]


def _named(bar: Bar, name: str, figure: str, y: float) -> list[str]:
    """The line above a bar; grey where there is none."""
    faint = "faint" if bar.value is None else ""
    hint = "" if name == bar.label else bar.label
    return [
        words(0, y + 14, name, class_=faint, hint=hint),
        words(WIDTH, y + 14, figure, class_=f"small {faint}".strip(), anchor="end"),
    ]


def _drawn(bar: Bar, value: float, y: float, axis: Axis) -> list[str]:
    start, middle = _place(axis, max(axis.low, min(0.0, axis.high))), y + 20 + THICK / 2
    left, right = sorted((start, _place(axis, value)))
    parts = [box(left, y + 20, max(right - left, 1), THICK, f"bar f{colour(bar.number)}", rx=2)]
    if bar.low is not None and bar.high is not None:
        low, high = _place(axis, bar.low), _place(axis, bar.high)
        parts.append(stroke(low, middle, high, middle, "whisker"))
        parts += [stroke(end, middle - 4, end, middle + 4, "whisker") for end in (low, high)]
    return parts


def _in_words(groups: Sequence[BarGroup], axis: Axis) -> str:
    told = [f"{bar.label} {said_of(bar)}" for group in groups for bar in group.bars]
    return f"{axis.name}: {'; '.join(told)}."
