"""Scores drawn with signs: how many rows of each label score how high, and where the modes draw their lines."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.types import Band

BINS, WIDTH = 20, 48
POSITIVE, NEGATIVE = "█", "░"


def histogram(truth: NDArray[np.int64], scores: NDArray[np.float64], bands: Mapping[str, Band]) -> Iterator[str]:
    """A line for each twentieth of the scores, the highest first, as long as the longest has room for."""
    places = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    counts = [np.bincount(places[truth == label], minlength=BINS) for label in (0, 1)]
    longest = max(1, int((counts[0] + counts[1]).max()))
    for place in range(BINS - 1, -1, -1):
        bars = [-(-int(count[place]) * WIDTH // longest) for count in counts]  # rounded up: one row is seen
        bar = (POSITIVE * bars[1] + NEGATIVE * bars[0]).ljust(WIDTH + 1)
        yield f"{place / BINS:.2f}–{(place + 1) / BINS:.2f} {bar} {_marks(bands, place)}".rstrip()


def _marks(bands: Mapping[str, Band], place: int) -> str:
    """The lines that fall into a bin, the highest first."""
    lines = [(band.high, f"{mode} {band.high:g}") for mode, band in bands.items()]
    lines += [(band.low, f"{mode} from {band.low:g}") for mode, band in bands.items() if band.low < band.high]
    inside = [(line, said) for line, said in lines if min(int(line * BINS), BINS - 1) == place]
    return "◂ " + ", ".join(said for _, said in sorted(inside, reverse=True)) if inside else ""
