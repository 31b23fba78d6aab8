"""Scores drawn with signs: how many rows of each label score how high, and where the modes draw their lines."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hatetinyllm.types import Band

BINS, WIDTH = 20, 48
POSITIVE, NEGATIVE = "█", "░"


def histogram(truth: Sequence[int], scores: Sequence[float], bands: Mapping[str, Band]) -> Iterator[str]:
    """A line for each twentieth of the scores, the highest first, as long as the longest has room for."""
    counts = Counter((_bin(score), label) for label, score in zip(truth, scores, strict=True))
    longest = max((counts[place, 0] + counts[place, 1] for place in range(BINS)), default=0) or 1
    for place in range(BINS - 1, -1, -1):
        positive, negative = (-(-counts[place, label] * WIDTH // longest) for label in (1, 0))  # rounded up: one row is seen
        bar = (POSITIVE * positive + NEGATIVE * negative).ljust(WIDTH + 1)
        yield f"{place / BINS:.2f}–{(place + 1) / BINS:.2f} {bar} {_marks(bands, place)}".rstrip()


def _bin(score: float) -> int:
    return min(int(score * BINS), BINS - 1)


def _marks(bands: Mapping[str, Band], place: int) -> str:
    """The lines that fall into a bin, the highest first."""
    lines = [(band.high, f"{mode} {band.high:g}") for mode, band in bands.items()]
    lines += [(band.low, f"{mode} from {band.low:g}") for mode, band in bands.items() if band.low < band.high]
    inside = [(line, said) for line, said in lines if _bin(line) == place]
    return "◂ " + ", ".join(said for _, said in sorted(inside, reverse=True)) if inside else ""
