"""
Units of clean text on the disk, and streams of them in any order: a corpus is cleaned once and read as often as it is learnt.

One file holds the texts end to end, one the place of each; neither is read whole into memory.
"""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError

TEXTS, UNITS = "texts.bin", "units.npy"
UNIT = np.dtype(
    [("start", "<i8"), ("size", "<i4"), ("characters", "<i4"), ("draw", "<u8"), ("source", "<i2"), ("held_out", "?")], align=False
)


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Documents in a fixed order; each pass over it gives the same ones."""

    path: Path  # of the texts
    starts: NDArray[np.int64] = field(repr=False)
    sizes: NDArray[np.int64] = field(repr=False)
    characters: int

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[str]:
        if not len(self.starts):
            return
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as texts:
            for start, size in zip(self.starts.tolist(), self.sizes.tolist(), strict=True):
                yield texts[start : start + size].decode("utf-8")

    @property
    def size_bytes(self) -> int:
        """The UTF-8 bytes of one pass."""
        return int(self.sizes.sum())


class Writer:
    """Appends units; `finish` writes their places."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / TEXTS).open("wb")
        self._rows: list[tuple[int, int, int, int, int, bool]] = []
        self._blocks: list[NDArray[np.void]] = []
        self._size = 0

    def add(self, text: str, *, source: int, draw: int, held_out: bool) -> None:
        """Append one unit."""
        encoded = text.encode("utf-8")
        self._file.write(encoded)
        self._rows.append((self._size, len(encoded), len(text), draw, source, held_out))
        self._size += len(encoded)
        if len(self._rows) == 1 << 16:
            self._pack()

    def finish(self) -> NDArray[np.void]:
        """Close the file of texts, write the places, and return them."""
        self._pack()
        self._file.close()
        units = np.concatenate(self._blocks)
        np.save(self._folder / UNITS, units, allow_pickle=False)
        return units

    def close(self) -> None:
        """Let go of the file, whatever became of it."""
        self._file.close()

    def _pack(self) -> None:
        self._blocks.append(np.array(self._rows, dtype=UNIT))
        self._rows = []


def read_units(folder: Path) -> NDArray[np.void]:
    """The places of all units of a folder."""
    try:
        units: NDArray[np.void] = np.load(folder / UNITS, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{folder / UNITS} cannot be read: {error}", ["delete the folder: the corpus is made anew"]) from error
    return units


def stream_of(folder: Path, units: NDArray[np.void]) -> Stream:
    """These units, in this order."""
    return Stream(
        path=folder / TEXTS,
        starts=units["start"].astype(np.int64),
        sizes=units["size"].astype(np.int64),
        characters=int(units["characters"].sum(dtype=np.int64)),
    )
