"""Files packed by xz, gzip or Zstandard, read line by line: no file is unpacked whole, in memory or on the disk."""

import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

import pyarrow as pa

from hatetinyllm.errors import TableError

PACKINGS = {".xz": "xz", ".gz": "gzip", ".zst": "Zstandard"}
BUFFER_BYTES = 1 << 20


def ending_of(path: Path) -> str:
    """The ending that tells the format: `.txt` of `books.txt.xz`."""
    endings = [ending.lower() for ending in path.suffixes]
    if endings[-1:] and endings[-1] in PACKINGS:
        endings.pop()
    return endings[-1] if endings else ""


@contextmanager
def unpacked(path: Path) -> Iterator[BufferedReader]:
    """The bytes of a file without its packing; what is wrong with the packing is told in words, also while it is read."""
    packing = PACKINGS.get(path.suffix.lower(), "")
    try:
        with _opened(path) as raw, BufferedReader(raw, BUFFER_BYTES) as stream:
            yield stream
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise TableError(f"{path}: its {packing} packing is damaged or cut short: {error}") from error
    except OSError as error:
        if error.errno is None and packing:  # Arrow's words about what it unpacks
            raise TableError(f"{path}: its {packing} packing is damaged or cut short: {error}") from error
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from error


def _opened(path: Path) -> Any:
    """A raw stream. Zstandard is Arrow's: Python has it from 3.14 on only."""
    match path.suffix.lower():
        case ".xz":
            return lzma.open(path)
        case ".gz":
            return gzip.open(path)
        case ".zst":
            return pa.input_stream(str(path), compression="zstd")
    return path.open("rb", buffering=0)
