"""How often: counts in bins. Of two kinds one stands above the line and the other hangs below it, so that neither hides."""

from collections.abc import Sequence
from dataclasses import dataclass

from hatetinyllm.reporting.charts.legend import Entry, Plot, colour, legend
from hatetinyllm.reporting.charts.scale import Axis
from hatetinyllm.reporting.charts.svg import WIDTH, box, drawing, stroke, width_of, words

HEIGHT = 170.0


@dataclass(frozen=True, kw_only=True)
class Counts:
    """A kind of thing and how many of it fall into each bin."""

    name: str
    counts: Sequence[float]


def histogram(
    title: str,
    kinds: Sequence[Counts],
    edges: Sequence[float],
    *,
    x: Axis,
    of: str = "rows",
    says: str = "",
    anchor: str = "chart",
) -> str:
    """The chart of one kind, or of two; `of` names what is counted."""
    if not 1 <= len(kinds) <= 2 or any(len(kind.counts) != len(edges) - 1 for kind in kinds):
        raise ValueError(f"{title}: one or two kinds, each with {len(edges) - 1} counts")
    names, top = legend(
        [Entry(name=kind.name, number=number, filled=True) for number, kind in enumerate(kinds)] if len(kinds) > 1 else []
    )
    most = max(max(kind.counts, default=0) for kind in kinds) or 1
    y = Axis(name=of, low=0.0 if len(kinds) == 1 else -float(most), high=float(most))
    left = width_of(f"{most:,.0f}", 11) + 9
    plot = Plot(left=left, top=top + 21, right=WIDTH - 10, bottom=top + 21 + HEIGHT, x=x, y=y)
    parts = [*names, *_frame(plot)]
    for number, kind in enumerate(kinds):
        for start, end, count in zip(edges, edges[1:], kind.counts, strict=False):
            parts += _bin(
                plot,
                start,
                end,
                count * (-1 if number else 1),
                f"{kind.name}, {x.says(start)} to {x.says(end)}: {count:,.0f}",
                number,
            )
    told = f"{x.name}: " + "; ".join(f"{kind.name} {sum(kind.counts):,.0f} {of}" for kind in kinds) + "."
    return drawing(title, says or told, plot.bottom + 38, *parts, anchor=anchor)


def _frame(plot: Plot) -> list[str]:
    """Counts hang down without a sign."""
    parts = [words(0, plot.top - 11, plot.y.name, class_="small faint")]
    for tick in plot.y.ticks(5):
        _, y = plot.at(plot.x.low, tick)
        parts += [
            stroke(plot.left, y, plot.right, y, "grid" if tick else "axis"),
            words(plot.left - 5, y + 4, f"{abs(tick):,g}", class_="small", anchor="end"),
        ]
    for tick in plot.x.ticks():
        x, _ = plot.at(tick, plot.y.low)
        parts.append(words(x, plot.bottom + 16, plot.x.says(tick), class_="small", anchor="middle"))
    return [*parts, words((plot.left + plot.right) / 2, plot.bottom + 32, plot.x.name, class_="small faint", anchor="middle")]


def _bin(plot: Plot, start: float, end: float, count: float, hint: str, number: int) -> list[str]:
    if not count:
        return []
    (left, zero), (right, tip) = plot.at(start, 0.0), plot.at(end, count)
    top, bottom = sorted((zero, tip))
    shape = (left + 0.5, top, max(right - left - 1, 0.8), max(bottom - top, 0.8))
    return [box(*shape, f"bar f{colour(number)}", hint=hint)]
