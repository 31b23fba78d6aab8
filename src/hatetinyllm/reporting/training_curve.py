"""
How a training went, as one picture: loss of every step, dev macro-F1 at every judgement, learning rate.

Drawn from the run's log of steps, so it is right after a run was gone on with, and can be drawn of a finished run:
`draw_curve(steps, file)`.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hatetinyllm.reporting.charts.legend import Entry, Plot, legend
from hatetinyllm.reporting.charts.scale import Axis, axis_over
from hatetinyllm.reporting.charts.style import to_svg_file
from hatetinyllm.reporting.charts.svg import SMALL, WIDTH, dot, drawing, element, path, px, stroke, width_of, words
from hatetinyllm.reporting.figure import share

WINDOWS = 30  # the smoothed line averages over so large a part of the steps
OUTLIERS = 0.01  # of the losses: a few wild ones lie at the edge, so that the others can be seen
HEIGHTS = {"loss": 150.0, "macro_f1": 84.0, "rate": 48.0}
GAP = 36.0  # from one panel to the next, with the name of the next
MOST_EPOCHS = 12  # whose ends are drawn
TITLE = "How the training went"


@dataclass(frozen=True, kw_only=True)
class Point:
    """What the log says of one step."""

    number: int
    epoch: int
    loss: float
    learning_rate: float
    macro_f1: float | None = None  # of the dev part, at the steps that have a judgement
    best: bool = False


def draw_curve(steps: Path, file: Path) -> tuple[Point, ...]:
    """Draw the picture of a run's log into a file, and give back what it shows; no picture where no step was taken."""
    points = read_points(steps)
    if points:
        to_svg_file(training_curve(points), file)
    return points


def read_points(steps: Path) -> tuple[Point, ...]:
    """The steps of a log in their order; a line that a kill cut short is none, and of a step told twice the later counts."""
    found: dict[int, Point] = {}
    for line in steps.read_text(encoding="utf-8").splitlines() if steps.is_file() else ():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if told["loss"] is None:  # was no number, and stopped the run
            continue
        judged = told["dev"] or {"metrics": {}}
        found[told["number"]] = Point(
            number=told["number"],
            epoch=told["epoch"],
            loss=told["loss"],
            learning_rate=told["learning_rate"],
            macro_f1=judged["metrics"].get("macro_f1"),
            best=told["best"],
        )
    return tuple(found[number] for number in sorted(found))


def smoothed(values: Sequence[float]) -> list[float]:
    """The mean of each value and of its neighbours on both sides, fewer at the ends."""
    half = max(1, round(len(values) / WINDOWS / 2)) if len(values) > 2 else 0
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    means = []
    for place in range(len(values)):
        first, end = max(0, place - half), min(len(values), place + half + 1)
        means.append((sums[end] - sums[first]) / (end - first))
    return means


def best_of(points: Iterable[Point]) -> Point | None:
    """The judgement whose weights were kept; None where none was judged."""
    judged = [point for point in points if point.macro_f1 is not None]
    return max((point for point in judged if point.best), key=lambda point: point.number, default=None) or max(
        judged, key=lambda point: (point.macro_f1 or 0.0, -point.number), default=None
    )


def training_curve(points: Sequence[Point], *, anchor: str = "training") -> str:
    """The chart, for a page; panels one below the other, on one axis of steps."""
    losses = [point.loss for point in points]
    mean = smoothed(losses)
    judged = [point for point in points if point.macro_f1 is not None]
    power, rates = _scaled([point.learning_rate for point in points])
    axes = {"loss": _loss_axis(losses, mean)}
    if judged:
        axes["macro_f1"] = axis_over(_best_in_words(judged), [point.macro_f1 or 0.0 for point in judged])
    axes["rate"] = axis_over(f"learning rate, in {power}" if power else "learning rate", [0.0, *rates])
    names, top = legend([Entry(name="loss, smoothed", number=0)])
    left = max(width_of(axis.says(tick), SMALL) for axis in axes.values() for tick in axis.ticks(4)) + 9
    steps = Axis(name="step", low=points[0].number, high=max(points[-1].number, points[0].number + 1))
    parts, plots = [*names, *_raw_sample()], dict[str, Plot]()
    for name, axis in axes.items():
        plots[name] = Plot(left=left, top=top + 21, right=WIDTH - 10, bottom=top + 21 + HEIGHTS[name], x=steps, y=axis)
        parts += _frame(plots[name], points)
        top = plots[name].bottom + GAP - 21
    at = [point.number for point in points]
    parts.append(_raw(_envelope([plots["loss"].at(x, y) for x, y in zip(at, losses, strict=True)])))
    parts.append(path(_thinned([plots["loss"].at(x, y) for x, y in zip(at, mean, strict=True)]), "curve s0"))
    if judged:
        parts += _judgements(judged, plots["macro_f1"])
    rated = [plots["rate"].at(x, y) for x, y in zip(at, rates, strict=True)]
    parts.append(path(_thinned(rated), "curve s2"))
    parts += _steps_below(plots["rate"], several=bool(_ends(points)))
    return drawing(TITLE, _in_words(points, mean), plots["rate"].bottom + 38, *parts, anchor=anchor)


def _loss_axis(losses: Sequence[float], mean: Sequence[float]) -> Axis:
    ordered = sorted(losses)
    most = ordered[min(len(ordered) - 1, math.ceil(len(ordered) * (1 - OUTLIERS)))]
    return axis_over("loss", [ordered[0], max(most, *mean)])


def _scaled(rates: Sequence[float]) -> tuple[str, list[float]]:
    """Small figures as multiples of a power of ten, so that their ticks are short."""
    power = math.floor(math.log10(max(rates))) if max(rates) > 0 else 0
    if power >= 0:
        return "", list(rates)
    return f"1e{power}", [rate / 10.0**power for rate in rates]


def _frame(plot: Plot, points: Sequence[Point]) -> list[str]:
    """Grid and figures of the upright axis, and where an epoch ends."""
    parts = [words(0, plot.top - 9, plot.y.name, class_="small faint")]
    for tick in plot.y.ticks(6 if plot.bottom - plot.top > 100 else 4):
        _, y = plot.at(plot.x.low, tick)
        parts += [
            stroke(plot.left, y, plot.right, y, "grid"),
            words(plot.left - 5, y + 4, plot.y.says(tick), class_="small", anchor="end"),
        ]
    for number in _ends(points):
        x, _ = plot.at(number, plot.y.low)
        parts.append(stroke(x, plot.top, x, plot.bottom, "grid"))
    return [*parts, stroke(plot.left, plot.bottom, plot.right, plot.bottom, "axis")]


def _ends(points: Sequence[Point]) -> list[int]:
    """The last steps of epochs; none where there are too many to be told apart."""
    ends = [first.number for first, second in pairwise(points) if first.epoch != second.epoch]
    return ends if len(ends) <= MOST_EPOCHS else []


def _steps_below(plot: Plot, *, several: bool) -> list[str]:
    parts = []
    for tick in [tick for tick in plot.x.ticks() if tick == round(tick)]:
        x, _ = plot.at(tick, plot.y.low)
        parts += [
            stroke(x, plot.bottom, x, plot.bottom + 4, "axis"),
            words(x, plot.bottom + 16, f"{tick:,.0f}", class_="small", anchor="middle"),
        ]
    name = "step; upright lines end an epoch" if several else "step"
    return [*parts, words((plot.left + plot.right) / 2, plot.bottom + 32, name, class_="small faint", anchor="middle")]


def _judgements(judged: Sequence[Point], plot: Plot) -> list[str]:
    """A point a judgement, a larger one where the weights were kept."""
    places = [plot.at(point.number, point.macro_f1 or 0.0) for point in judged]
    parts = [path(_thinned(places), "curve s1")] if len(places) > 1 else []
    best = best_of(judged)
    for point, (x, y) in zip(judged, places, strict=True):
        hint = f"step {point.number:,}: {share(point.macro_f1)}"
        parts.append(dot(x, y, 5 if point is best else 3.2, "dot f1", hint=hint))
    return parts


def _best_in_words(judged: Sequence[Point]) -> str:
    best = best_of(judged)
    return f"macro-F1 of dev, at its best {share(best.macro_f1)} at step {best.number:,}" if best else "macro-F1 of dev"


def _raw_sample() -> list[str]:
    start = 150.0
    jagged = [(start + 3 * tooth, 12.0 if tooth % 2 else 4.0) for tooth in range(9)]
    return [_raw(jagged), words(start + 30, 12, "loss of each step")]


def _raw(points: list[tuple[float, float]]) -> str:
    """The losses themselves: thin, behind their mean."""
    return element("path", d=_line(points), class_="s0", fill="none", stroke_width="1", stroke_opacity=".3")


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{px(x)} {px(y)}" for x, y in points)


def _envelope(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of all points in half a unit of width the highest and the lowest, in their order: no spike is lost among many."""
    columns: dict[int, list[tuple[float, float]]] = {}
    for x, y in points:
        columns.setdefault(int(x * 2), []).append((x, y))
    kept = []
    for column in columns.values():
        ends = {min(column, key=lambda point: point[1]), max(column, key=lambda point: point[1])}
        kept += sorted(ends)
    return kept


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """One point in half a unit of width, and the last."""
    kept = {int(x * 2): (x, y) for x, y in reversed(points)}
    return [*reversed(kept.values()), *points[-1:]]


def _in_words(points: Sequence[Point], mean: Sequence[float]) -> str:
    told = f"The loss of {len(points):,} steps, smoothed, goes from {mean[0]:.3g} to {mean[-1]:.3g}"
    if best := best_of(points):
        told += f"; macro-F1 of dev is at its best {share(best.macro_f1)}, at step {best.number:,}"
    return told + "."
