"""How a training went, drawn with signs: the smoothed loss, and macro-F1 of dev below where it was judged."""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from hatetinyllm.cli.output import figure, out

if TYPE_CHECKING:
    from hatetinyllm.reporting.training_curve import Point

WIDTH, HEIGHT = 64, 8  # signs of the picture without what stands around it
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of a braille sign, by column, from the top
BRAILLE = 0x2800
PLAIN = (" ", "'", ".", ":")  # nothing, the upper half, the lower, both
NO_BRAILLE = ("linux", "dumb")  # terminals whose letters lack it


def show_training_curve(points: Sequence["Point"]) -> None:
    """The picture; nothing for a run of a step or two."""
    if len(points) > 2:
        out().print()
        for line in training_picture(points, plain=not _knows_braille(out())):
            out().print(line, markup=False)
        out().print()


def training_picture(points: Sequence["Point"], *, plain: bool) -> Iterator[str]:
    """The lines of the picture, at most 80 signs long; plain ones are ASCII."""
    from hatetinyllm.reporting.training_curve import smoothed

    values = _resampled(smoothed([point.loss for point in points]), WIDTH * (1 if plain else 2))
    low, high = min(values), max(values)
    rows = _halves(values, low, high) if plain else _braille(values, low, high)
    upright, corner, floor = ("|", "+", "-") if plain else ("┤", "└", "─")
    judged = any(point.macro_f1 is not None for point in points)
    yield f"{'loss':>9}, smoothed" + ("; below it macro-F1 of dev, * where the weights were kept" if judged else "")
    for place, row in enumerate(rows):
        label = f"{high:.3f}" if place == 0 else f"{low:.3f}" if place == HEIGHT - 1 else ""
        yield f"{label:>9} {upright if label or plain else '│'}{row}".rstrip()
    yield f"{'':>9} {corner}{floor * WIDTH}"
    yield f"{'step':>9}  {points[0].number:<{WIDTH // 2},}{points[-1].number:>{WIDTH // 2},}"
    if judged:
        yield f"{'macro-F1':>9}  {_judgements(points)}"


def _resampled(values: Sequence[float], count: int) -> list[float]:
    """So many values, in line between their neighbours."""
    last = len(values) - 1
    places = [number * last / (count - 1) for number in range(count)]
    return [values[int(at)] + (at - int(at)) * (values[min(int(at) + 1, last)] - values[int(at)]) for at in places]


def _levels(values: Sequence[float], low: float, high: float, levels: int) -> list[int]:
    """The level of each value, the highest first."""
    scale = (levels - 1) / (high - low) if high > low else 0.0
    return [round((high - value) * scale) for value in values]


def _braille(values: Sequence[float], low: float, high: float) -> list[str]:
    """Two dots a sign across and four down; neighbours far apart are joined."""
    cells = [[0] * WIDTH for _ in range(HEIGHT)]
    levels = _levels(values, low, high, HEIGHT * 4)
    for place, level in enumerate(levels):
        before = levels[max(0, place - 1)]
        for at in range(min(level, before + 1), max(level, before - 1) + 1):
            cells[at // 4][place // 2] |= DOTS[place % 2][at % 4]
    return ["".join(chr(BRAILLE + cell) if cell else " " for cell in row) for row in cells]


def _halves(values: Sequence[float], low: float, high: float) -> list[str]:
    cells = [[0] * WIDTH for _ in range(HEIGHT)]
    for place, level in enumerate(_levels(values, low, high, HEIGHT * 2)):
        cells[level // 2][place] |= 1 + level % 2
    return ["".join(PLAIN[cell] for cell in row) for row in cells]


def _judgements(points: Sequence["Point"]) -> str:
    """Figures below the steps they belong to: the best with a mark, then the last, then as many as find room."""
    from hatetinyllm.reporting.training_curve import best_of

    first, last = points[0].number, points[-1].number
    best = best_of(points)
    judged = [point for point in points if point.macro_f1 is not None]
    line = [" "] * WIDTH
    for point in sorted(judged, key=lambda point: (point is not best, point is not judged[-1], -point.number)):
        said = figure(point.macro_f1) + ("*" if point is best else "")
        middle = round((point.number - first) / max(1, last - first) * (WIDTH - 1))
        start = min(max(0, middle - len(said) // 2), WIDTH - len(said))
        if all(sign == " " for sign in line[max(0, start - 1) : start + len(said) + 1]):
            line[start : start + len(said)] = said
    return "".join(line).rstrip()


def _knows_braille(console: Console) -> bool:
    """Whether what reads our output can show it; a file can."""
    if not console.is_terminal:
        return True
    return not console.legacy_windows and console.encoding.startswith("utf") and os.environ.get("TERM") not in NO_BRAILLE
