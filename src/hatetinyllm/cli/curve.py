"""A learning curve for people: a line for each size of train, with a bar from the lowest end to the highest."""

from typing import TYPE_CHECKING

from hatetinyllm.cli.output import figure, out, table

if TYPE_CHECKING:
    from hatetinyllm.studies.learning import Curve

WIDTH = 40  # signs of the picture


def show_curve(curve: "Curve", said: str) -> None:
    """Each point with its interval; `●` is the figure, `─` its interval, on one scale for all."""
    ends = [(point.interval.low, point.interval.high) if point.interval else (point.value, point.value) for point in curve.points]
    low, high = min(start for start, _ in ends), max(end for _, end in ends)
    scale = (WIDTH - 1) / (high - low) if high > low else 0.0
    out().print(f"\n{curve.metric} of {said} by the rows of train, on the same rows each time", style="bold", markup=False)
    lines = []
    for point, (start, end) in zip(curve.points, ends, strict=True):
        places = [round((value - low) * scale) for value in (start, point.value, end)]
        picture = "".join("●" if at == places[1] else "─" if places[0] <= at <= places[2] else " " for at in range(WIDTH))
        between = f"[{start:.3f}, {end:.3f}]" if point.interval else "–"
        spread = "" if point.deviation is None else f"{point.seeds} seeds, sd {figure(point.deviation)}"
        lines.append([f"{point.rows:,}", figure(point.value), between, picture, spread])
    several = any(point.seeds > 1 for point in curve.points)
    between = "95 % interval (mean of seeds')" if several else "95 % interval"
    out().print(table(["train rows", curve.metric, between, "", ""], lines, right=["train rows", curve.metric]))
    if curve.per_doubling is not None:
        out().print(f"each doubling of train brought {curve.per_doubling:+.3f} on the way", markup=False)
