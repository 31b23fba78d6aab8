"""What stands around a plot: the names of its lines above it, its grid and axes, and the key of its letters below."""

from collections.abc import Sequence
from dataclasses import dataclass

from hatetinyllm.reporting.charts.scale import Axis
from hatetinyllm.reporting.charts.style import COLOURS
from hatetinyllm.reporting.charts.svg import LINE, SMALL, WIDTH, box, dot, folded, shortened, stroke, width_of, words

SAMPLE = 24.0  # the piece of line or colour before a name
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Where the figures lie: a rectangle with its two axes."""

    left: float
    top: float
    right: float
    bottom: float
    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of a pair of figures."""
        return self.x.place(x, self.left, self.right), self.y.place(y, self.bottom, self.top)

    def frame(self) -> list[str]:
        """Grid, ticks and the names of both axes; the upright one's name stands above it, where it can be read."""
        parts = [words(0, self.top - 11, self.y.name, class_="small faint")]
        for tick in self.y.ticks():
            _, y = self.at(self.x.low, tick)
            parts += [
                stroke(self.left, y, self.right, y, "grid"),
                words(self.left - 5, y + 4, self.y.says(tick), class_="small", anchor="end"),
            ]
        for tick in self.x.ticks():
            x, _ = self.at(tick, self.y.low)
            parts += [
                stroke(x, self.bottom, x, self.bottom + 4, "axis"),
                words(x, self.bottom + 16, self.x.says(tick), class_="small", anchor="middle"),
            ]
        parts.append(stroke(self.left, self.bottom, self.right, self.bottom, "axis"))
        parts.append(words((self.left + self.right) / 2, self.bottom + 32, self.x.name, class_="small faint", anchor="middle"))
        return parts


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One name of a legend: of a line (its number), a filled colour, or a level."""

    name: str
    number: int | None  # None: a level
    filled: bool = False


def colour(number: int) -> int:
    """The colour of the n-th of anything; they come round again."""
    return number % COLOURS


def legend(entries: Sequence[Entry], top: float = 0.0) -> tuple[list[str], float]:
    """The names, as many on a line as find room; and where the next thing may begin."""
    parts: list[str] = []
    x, y = 0.0, top
    for entry in entries:
        name = shortened(entry.name, WIDTH - SAMPLE - 8)
        needed = SAMPLE + 6 + width_of(name) + 12
        if x and x + needed > WIDTH + 12:
            x, y = 0.0, y + LINE + 2
        parts += [_sample(entry, x, y), words(x + SAMPLE + 6, y + 12, name, hint="" if name == entry.name else entry.name)]
        x += needed
    return parts, (y + LINE + 6 if entries else top)


def key(labels: Sequence[str], top: float) -> tuple[list[str], float]:
    """What each letter in the plot means, one after another."""
    parts: list[str] = []
    y = top
    for number, label in enumerate(labels):
        parts += badge(8.0, y + 8, number)
        for said in folded(label, WIDTH - 24, SMALL):
            parts.append(words(22, y + 12, said, class_="small"))
            y += LINE
        y += 3
    return parts, y


def badge(x: float, y: float, number: int) -> list[str]:
    """A letter in a circle."""
    letter = LETTERS[number % len(LETTERS)]
    return [
        dot(x, y, 7.5, "badge"),
        words(x, y + 3.8, letter, class_="small strong", anchor="middle"),
    ]


def _sample(entry: Entry, x: float, y: float) -> str:
    if entry.number is None:
        return stroke(x, y + 8, x + SAMPLE, y + 8, "level")
    own = colour(entry.number)
    if entry.filled:
        return box(x + 6, y + 2, 12, 12, f"bar f{own}", rx=2)
    return stroke(x, y + 8, x + SAMPLE, y + 8, f"curve s{own}")
