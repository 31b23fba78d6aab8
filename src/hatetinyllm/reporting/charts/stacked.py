"""Shares of a whole, one row below the other: what was right, missed, a false alarm, left to people."""

from collections.abc import Sequence
from dataclasses import dataclass

from hatetinyllm.reporting.charts.legend import Entry, colour, legend
from hatetinyllm.reporting.charts.svg import SMALL, WIDTH, box, drawing, shortened, width_of, words
from hatetinyllm.reporting.figure import share

ROW, THICK = 42.0, 18.0


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A name and its parts, in the order of the chart's names; they are drawn as shares of their sum."""

    label: str
    parts: tuple[float, ...]
    said: str = ""


def stacked(title: str, stacks: Sequence[Stack], names: Sequence[str], *, says: str = "", anchor: str = "chart") -> str:
    """The chart; each part has its share written in it where there is room, and all of them in words."""
    if any(len(stack.parts) != len(names) for stack in stacks):
        raise ValueError(f"{title}: every row needs {len(names)} parts")
    parts, y = legend([Entry(name=name, number=number, filled=True) for number, name in enumerate(names)])
    for stack in stacks:
        parts += _row(stack, names, y)
        y += ROW
    told = "; ".join(f"{stack.label}: {_told(stack, names)}" for stack in stacks)
    return drawing(title, says or f"{told}.", y, *parts, anchor=anchor)


def _row(stack: Stack, names: Sequence[str], y: float) -> list[str]:
    room = WIDTH - width_of(stack.said, SMALL) - 10
    parts = [
        words(0, y + 13, shortened(stack.label, room), hint=stack.label),
        words(WIDTH, y + 13, stack.said, class_="small faint", anchor="end"),
    ]
    whole, x = sum(stack.parts), 0.0
    for number, (name, part) in enumerate(zip(names, stack.parts, strict=True)):
        wide = WIDTH * part / whole if whole else 0.0
        if not wide:
            continue
        figure = share(part / whole, 2)
        parts.append(box(x, y + 18, wide, THICK, f"hull f{colour(number)}", hint=f"{name} {figure}"))
        if wide > width_of(figure, SMALL) + 6:
            parts.append(words(x + wide / 2, y + 31, figure, class_="small inside", anchor="middle"))
        x += wide
    return parts


def _told(stack: Stack, names: Sequence[str]) -> str:
    whole = sum(stack.parts) or 1.0
    return ", ".join(f"{name} {share(part / whole)}" for name, part in zip(names, stack.parts, strict=True))
