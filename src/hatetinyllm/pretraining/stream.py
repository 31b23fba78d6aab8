"""
A corpus as one row of token ids in a file, read where it is touched: text of any size is never held at once.

Each document begins with the tokenizer's start. A grid of rows is cut from the stream at equal places; a row has one token
more than it asks for, which is the first of the next, so that every token is foretold once.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import check_sums, written_whole

CHUNK = 1024  # documents that are encoded together
TOKENS, ABOUT = "tokens.bin", "about.json"


@dataclass(frozen=True, kw_only=True)
class Size:
    """Of a stream."""

    documents: int
    tokens: int
    bytes: int  # of text, in UTF-8


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The ids of a corpus, and how much text they are of."""

    ids: NDArray[np.uint16] | NDArray[np.uint32]
    size: Size
    digest: str

    def rows(self, length: int) -> int:
        """How many rows of so many tokens it holds."""
        return max(0, len(self.ids) - 1) // length

    def row(self, numbers: Iterable[int], length: int) -> Tensor:
        """Rows by their numbers, each with one token more than its length, (B, L + 1)."""
        return torch.from_numpy(np.stack([self.ids[row * length : (row + 1) * length + 1] for row in numbers]).astype(np.int64))


def write_stream(documents: Iterable[str], tokenizer: Tokenizer, folder: Path) -> Stream:
    """Encode documents into a folder that is whole or not there; one that stands there already is read."""
    if folder.is_dir():
        return read_stream(folder)
    kind = np.uint16 if tokenizer.get_vocab_size() <= 1 << 16 else np.uint32
    counts = np.zeros(3, dtype=np.int64)
    with written_whole(folder) as place:
        with (place / TOKENS).open("wb") as stream:
            for ids, texts in _encoded(documents, tokenizer):
                np.concatenate([np.asarray(own, dtype=kind) for own in ids]).tofile(stream)
                counts += (len(texts), sum(map(len, ids)), sum(len(text.encode()) for text in texts))
        size = Size(documents=int(counts[0]), tokens=int(counts[1]), bytes=int(counts[2]))
        said = {**asdict(size), "kind": np.dtype(kind).name}
        (place / ABOUT).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8", newline="\n")
    return read_stream(folder)


def read_stream(folder: Path) -> Stream:
    """A stream that was written, its digests checked."""
    sums = check_sums(folder)
    said = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    kind = said.pop("kind")
    if not said["tokens"]:
        raise TrainingError("nothing is left to learn from: the corpus holds no text", [f"see {folder.parent}"])
    ids = np.memmap(folder / TOKENS, dtype=kind, mode="r")
    return Stream(ids=ids, size=Size(**said), digest=sums[TOKENS])


def _encoded(documents: Iterable[str], tokenizer: Tokenizer) -> Iterator[tuple[list[list[int]], list[str]]]:
    """The ids of some documents at a time, and these."""
    own = Tokenizer.from_str(tokenizer.to_str())
    own.no_truncation()
    own.no_padding()
    own.encode_special_tokens = True
    texts = iter(documents)
    while chunk := list(islice(texts, CHUNK)):
        yield [found.ids for found in own.encode_batch_fast(chunk)], chunk
