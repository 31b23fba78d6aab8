"""Lines: ROC, precision against recall, thresholds, learning curves. Lettered marks are told below the plot."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hatetinyllm.reporting.charts.legend import Entry, Plot, badge, colour, key, legend
from hatetinyllm.reporting.charts.scale import Axis
from hatetinyllm.reporting.charts.svg import WIDTH, box, dot, drawing, path, stroke, width_of

HEIGHT = 250.0
NEAREST = 0.6  # units: points nearer to the last one are not drawn
ROUND = ((0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1))


@dataclass(frozen=True, kw_only=True)
class Series:
    """A line through points in their order; `low` and `high` are a band around it, and `dotted` shows the points themselves."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = field(default=())
    high: Sequence[float] = field(default=())
    dotted: bool = False

    def __post_init__(self) -> None:
        lengths = {len(self.x), len(self.y), len(self.low) or len(self.x), len(self.high) or len(self.x)}
        if len(lengths) > 1 or not len(self.x) or bool(len(self.low)) != bool(len(self.high)):
            raise ValueError(f"{self.name}: the points are not of one length, or there are none")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A place that is named: a point, or with `y` left out a whole threshold."""

    label: str
    x: float
    y: float | None = None


def line(
    title: str,
    series: Sequence[Series],
    *,
    x: Axis,
    y: Axis,
    says: str = "",
    marks: Sequence[Mark] = (),
    level: tuple[str, float] | None = None,
    diagonal: str = "",
    anchor: str = "chart",
) -> str:
    """The chart; `level` is a named height (a prevalence), `diagonal` names the line from corner to corner."""
    lines = [(name, height) for name, height in [level or ("", 0.0)] if name]
    entries = [Entry(name=one.name, number=number) for number, one in enumerate(series)]
    entries += [Entry(name=name, number=None) for name in [*(name for name, _ in lines), diagonal] if name]
    names, top = legend(entries)
    left = max(width_of(y.says(tick), 11) for tick in y.ticks()) + 9
    plot = Plot(left=left, top=top + 21, right=WIDTH - 10, bottom=top + 21 + HEIGHT, x=x, y=y)
    parts = [*names, *plot.frame()]
    if diagonal:
        parts.append(path([plot.at(x.low, y.low), plot.at(x.high, y.high)], "level"))
    for _, height in lines:
        parts.append(path([plot.at(x.low, height), plot.at(x.high, height)], "level"))
    for number, one in enumerate(series):
        parts += _drawn(one, number, plot)
    parts += _marked(marks, plot)
    told, bottom = key([mark.label for mark in marks], plot.bottom + 42)
    spoken = says or f"{y.name} against {x.name}: {', '.join(one.name for one in series)}."
    return drawing(title, spoken, bottom if marks else plot.bottom + 38, *parts, *told, anchor=anchor)


def _drawn(one: Series, number: int, plot: Plot) -> list[str]:
    own = colour(number)
    parts = []
    if len(one.low):
        above = [plot.at(x, y) for x, y in zip(one.x, one.high, strict=True)]
        below = [plot.at(x, y) for x, y in zip(one.x, one.low, strict=True)]
        parts.append(path([*_thinned(above), *reversed(_thinned(below))], f"between f{own}", closed=True))
    points = [plot.at(x, y) for x, y in zip(one.x, one.y, strict=True)]
    parts.append(path(_thinned(points), f"curve s{own}"))
    if one.dotted or len(points) == 1:
        parts += [_point(x, y, number) for x, y in points]
    return parts


def _point(x: float, y: float, number: int) -> str:
    """Series differ in the form of their points too."""
    if number % 3 == 1:
        return box(x - 3.5, y - 3.5, 7, 7, f"dot f{colour(number)}")
    if number % 3 == 2:
        return path([(x, y - 5), (x + 5, y + 3.5), (x - 5, y + 3.5)], f"dot f{colour(number)}", closed=True)
    return dot(x, y, 4, f"dot f{colour(number)}")


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """No two points nearer than the eye can part; a curve of a million rows is as short as one of a thousand."""
    kept = points[:1]
    for x, y in points[1:-1]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= NEAREST:
            kept.append((x, y))
    return [*kept, *points[-1:]] if len(points) > 1 else kept


def _marked(marks: Sequence[Mark], plot: Plot) -> list[str]:
    """Letters that do not cover one another: thresholds have theirs at the top, points near them."""
    parts: list[str] = []
    letters: list[str] = []
    taken: list[tuple[float, float]] = []
    for number, mark in enumerate(marks):
        x, y = plot.at(mark.x, mark.y if mark.y is not None else plot.y.low)
        if mark.y is None:
            parts.append(stroke(x, plot.top, x, plot.bottom, "level"))
            wanted = [(x, plot.top + 9 + 17 * row) for row in range(12)]
        else:
            parts.append(dot(x, y, 4, "whisker"))
            wanted = [(x + 15 * far * way[0], y + 15 * far * way[1]) for far in (1, 2, 3) for way in ROUND]
        spot = next((spot for spot in wanted if _free(spot, taken, plot, pinned=mark.y is None)), wanted[0])
        taken.append(spot)
        if mark.y is not None:
            parts.append(stroke(x, y, *spot, "axis"))
        letters += badge(*spot, number)
    return parts + letters


def _free(spot: tuple[float, float], taken: Sequence[tuple[float, float]], plot: Plot, *, pinned: bool) -> bool:
    x, y = spot
    inside = (pinned or plot.left + 8 <= x <= plot.right - 2) and plot.top + 8 <= y <= plot.bottom - 8
    return inside and all(abs(x - other) > 16 or abs(y - own) > 16 for other, own in taken)
