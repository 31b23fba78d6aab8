"""
The token ids of many texts in one file, read where it is touched: a million texts are never held at once.

The file has no name, and is gone with the process that made it, however that ends: nothing is left for anybody to trip over,
and a run that is gone on with makes it anew. It lies in the run's folder, since a system's place for such files may be memory.
"""

import mmap
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import IO

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import is_full
from hatetinyllm.text.encode import Encoder

CHUNK = 1024  # texts that are encoded together
NAME = ".tokens-"  # begins a name on file systems that give none back at once; a run's folder passes over hidden files

Ids = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`tokens[text]` are a text's windows, in order, each an array of ids that is read when it is touched."""

    ids: Ids  # of all windows, one behind the other
    ends: NDArray[np.int64]  # where each window ends, from 0
    firsts: NDArray[np.int64]  # the first window of each text, and after the last text the number of windows

    def __len__(self) -> int:
        return len(self.firsts) - 1

    def __getitem__(self, text: int, /) -> tuple[Ids, ...]:
        if not -len(self) <= text < len(self):
            raise IndexError(text)
        first, end = self.firsts[text % len(self) :][:2]
        return tuple(self.ids[self.ends[window] : self.ends[window + 1]] for window in range(first, end))

    def __iter__(self) -> Iterator[tuple[Ids, ...]]:
        return (self[text] for text in range(len(self)))

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many windows each text has; none where nothing was left to read."""
        return np.diff(self.firsts)

    def readable(self) -> "Tokens":
        """The same without the texts that have no windows."""
        return Tokens(ids=self.ids, ends=self.ends, firsts=np.unique(self.firsts))


def write_tokens(texts: Iterable[str], encoder: Encoder, *, folder: Path | None = None) -> Tokens:
    """Encode texts as they come and put their ids aside in a file, in this folder or where the system keeps such files."""
    place = folder if folder is not None and folder.is_dir() else Path(gettempdir())
    try:
        with TemporaryFile(prefix=NAME, dir=place) as stream:
            counts, lengths = _write(stream, texts, encoder)
            stream.flush()
            ids = np.frombuffer(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) if lengths else b"", dtype=np.int32)
    except OSError as error:
        if not is_full(error):
            raise
        problem = f"the tokens of the texts could not be put aside in {str(place)!r}"
        raise TrainingError(f"no space is left on the disk: {problem}", ["make room there, or choose another --out"]) from error
    return Tokens(ids=ids, ends=_summed(lengths), firsts=_summed(counts))


def _write(stream: IO[bytes], texts: Iterable[str], encoder: Encoder) -> tuple["array[int]", "array[int]"]:
    """The windows of each text, and the tokens of each window; the ids are in the file."""
    counts, lengths, coming = array("i"), array("i"), iter(texts)
    while chunk := list(islice(coming, CHUNK)):
        for windows in encoder.ids_of(chunk):
            counts.append(len(windows))
            for ids in windows:
                lengths.append(len(ids))
                stream.write(array("i", ids))
    return counts, lengths


def _summed(numbers: "array[int]") -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.frombuffer(numbers, dtype=np.int32) if numbers else [], dtype=np.int64)])
