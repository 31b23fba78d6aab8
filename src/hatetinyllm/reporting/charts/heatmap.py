"""Figures in a grid, each written in its cell; the shade only helps the eye to find what is low."""

from collections.abc import Sequence

from hatetinyllm.reporting.charts.svg import SMALL, WIDTH, box, drawing, folded, px, shortened, words
from hatetinyllm.reporting.figure import DASH, share

CELL_HIGH, CELL_WIDE, LEAST_NAME = 24.0, 46.0, 165.0
DEEPEST = 0.5  # of a shade: letters on it stay legible, light and dark


def heatmap(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    says: str = "",
    bar: float | None = None,
    groups: Sequence[str] = (),
    digits: int = 2,
    anchor: str = "chart",
) -> str:
    """
    The chart of shares; the lower a figure, the deeper its shade, and one below `bar` is set bold with a mark.

    `groups` gives each row its heading; rows of one heading stand together.
    """
    if len(values) != len(rows) or any(len(row) != len(columns) for row in values):
        raise ValueError(f"{title}: the figures are not {len(rows)} rows of {len(columns)} columns")
    wide = max(WIDTH, LEAST_NAME + CELL_WIDE * len(columns))
    cell = min(max(CELL_WIDE, (wide - 200) / max(len(columns), 1)), 90.0)
    left = wide - cell * len(columns)
    heads = [folded(name, cell - 4, SMALL)[:3] for name in columns]
    y = 14.0 * max((len(lines) for lines in heads), default=0) + 6
    parts = [
        words(left + cell * (column + 0.5), y - 8 - 14 * (len(lines) - 1 - number), said, class_="small faint", anchor="middle")
        for column, lines in enumerate(heads)
        for number, said in enumerate(lines)
    ]
    heading = ""
    for number, name in enumerate(rows):
        if groups and groups[number] != heading:
            heading = groups[number]
            parts.append(words(0, y + 18, shortened(heading, wide), class_="strong"))
            y += CELL_HIGH + 2
        said = shortened(name, left - 8)
        parts.append(words(0, y + 16, said, hint="" if said == name else name))
        for column, value in enumerate(values[number]):
            parts += _cell(left + cell * column, y, cell, value, bar, digits)
        y += CELL_HIGH
    told = says or "; ".join(f"{name}: {_told(columns, values[number], digits)}" for number, name in enumerate(rows)) + "."
    return drawing(title, told, y + 4, *parts, anchor=anchor, width=wide, roomy=wide > WIDTH)


def _cell(x: float, y: float, wide: float, value: float | None, bar: float | None, digits: int) -> list[str]:
    middle = x + wide / 2
    if value is None:
        return [words(middle, y + 16, DASH, class_="faint", anchor="middle")]
    low = bar is not None and value < bar
    shade = px(DEEPEST * 100 * (1 - min(max(value, 0.0), 1.0)))
    tile = box(x + 1, y + 1, wide - 2, CELL_HIGH - 2, "f1", rx=3, fill_opacity=f"{shade}%")
    return [
        tile,
        words(middle, y + 16, share(value, digits) + (" ▾" if low else ""), class_="strong" if low else "", anchor="middle"),
    ]


def _told(columns: Sequence[str], values: Sequence[float | None], digits: int) -> str:
    return ", ".join(f"{column} {share(value, digits)}" for column, value in zip(columns, values, strict=True))
