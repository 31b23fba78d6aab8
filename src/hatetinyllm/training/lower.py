"""
What enters the lowest block that learns, worked out once for every text and kept on disk: no epoch works the blocks below.

It is in the format of the run's arithmetic (32 bits a number, 16 under bf16), tokens one behind the other in the order of the
rows, and read where it is touched. The folder is written whole, with digests, beside the checkpoints; a run that is gone on
with takes it again if it is whole and of the same run, tokens, block and format, and works it out anew if it is not. It is
gone once the run is finished. Texts must be packed for it, and the net must show that it can begin at that block.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import FolderError, check_sums, written_whole
from hatetinyllm.models.lower import begun_at, entering, why_not_begun_at
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.models.packing import Packing, pack
from hatetinyllm.models.readout import Readout
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.rows import Rows
from hatetinyllm.training.space import room_for
from hatetinyllm.tuning.tune import Tuned

NAME, NUMBERS, ABOUT = ".lower", "entering.bin", "about.json"  # hidden: a run's folder passes over it
BATCH_TOKENS = 8192  # worked out together
PROOF = 8  # texts that are read both ways before any of it is trusted
TOLD_EVERY_S = 10.0
ANEW = "the blocks below are worked anew in every step: as right, and slower"


@dataclass(frozen=True, kw_only=True)
class Lower:
    """What enters a block, of every token of some rows."""

    block: int
    ends: NDArray[np.int64]  # where each row's tokens end, from 0
    numbers: NDArray[Any]  # (tokens, width); 16 bits as whole numbers, which numpy has no other name for

    def begun(self, given: tuple[Any, ...], rows: Sequence[int]) -> tuple[Any, ...]:
        """What a net is called with for these rows, with what enters the block beside it."""
        packing: Packing = given[0]
        return (replace(packing, entering=self.of(rows).to(packing.ids.device)), *given[1:])

    def of(self, rows: Sequence[int]) -> Tensor:
        """What enters the block, (1, T, width), of these rows one behind the other."""
        found = np.concatenate([self.numbers[self.ends[row] : self.ends[row + 1]] for row in rows])
        return torch.from_numpy(found).view(torch.float32 if found.dtype == np.float32 else torch.bfloat16)[None]


def keep_lower(
    tuned: Tuned,
    rows: Rows,
    checkpoints: Checkpoints,
    *,
    frozen_blocks: int,
    precision: str,
    layout: str,
    device: torch.device | str,
) -> Iterator[str]:
    """Work out what enters the lowest block that learns, unless it is there; says in words how far it has come."""
    if not frozen_blocks:
        return
    place, net = checkpoints.folder / NAME, tuned.net
    assert isinstance(net, Readout)
    about = _about(net, rows, checkpoints, frozen_blocks, precision)
    if _is_whole(place, about):
        yield f"what enters block {frozen_blocks} is there from before"
        return
    shutil.rmtree(place, ignore_errors=True)
    if os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true":
        yield f"not possible where the weights are spread over processes: {ANEW}"
        return
    if layout != "packed":
        yield f"not possible, the layout is {layout}: {ANEW}"
        return
    net.to(device)
    half = torch.autocast(net.device.type, dtype=torch.bfloat16, enabled=precision != "fp32")
    with half, packed(net, virtual_tokens=tuned.virtual_tokens) as laid:
        if problem := _why_not(net, laid, rows, about):
            yield f"not possible, {problem}: {ANEW}"
            return
        yield _announced(place, rows, about, checkpoints)
        began = time.monotonic()
        with _room(checkpoints, frozen_blocks), written_whole(place) as folder:
            (folder / ABOUT).write_text(json.dumps(about, indent=2, sort_keys=True), encoding="utf-8")
            with (folder / NUMBERS).open("wb") as stream:
                yield from _told_now_and_then(_work(net, rows, about, stream), len(rows))
        yield f"{len(rows):,} texts in {time.monotonic() - began:.0f} s"


@contextmanager
def lower_of(
    tuned: Tuned, rows: Rows, checkpoints: Checkpoints, laid: Layout, *, frozen_blocks: int, precision: str
) -> Iterator[Lower | None]:
    """What was kept for these rows while a net is ready to begin there; None where nothing was, or where it is not this net's."""
    net, place = tuned.net, checkpoints.folder / NAME
    if not frozen_blocks or not place.is_dir():
        yield None
        return
    assert isinstance(net, Readout)
    about = _about(net, rows, checkpoints, frozen_blocks, precision)
    lower = _opened(place, about, rows)
    if lower is None or _why_not(net, laid, rows, about, lower):
        yield None
        return
    with begun_at(net, frozen_blocks):
        yield lower


def drop_lower(checkpoints: Checkpoints) -> None:
    """Delete what was kept: the run needs it no more."""
    shutil.rmtree(checkpoints.folder / NAME, ignore_errors=True)


def _about(net: Readout, rows: Rows, checkpoints: Checkpoints, block: int, precision: str) -> dict[str, Any]:
    """What the numbers are of: in another run, on other tokens or at another block they would be others."""
    read = hashlib.sha256(np.asarray(rows.lengths, dtype=np.int64).tobytes())
    for windows in rows.windows:
        read.update(np.asarray(windows[0], dtype=np.int64).tobytes())
    return {
        "run": checkpoints.fingerprint,
        "tokens": sum(rows.lengths),
        "tokens_sha256": read.hexdigest(),
        "block": block,
        "width": net.config.hidden_size,
        "kind": "float32" if precision == "fp32" else "bfloat16",
    }


def _bytes_of(about: Mapping[str, Any]) -> int:
    return int(about["tokens"] * about["width"] * (4 if about["kind"] == "float32" else 2))


def _is_whole(place: Path, about: Mapping[str, Any]) -> bool:
    """Whether what was kept is all there, byte for byte, and is what is asked for."""
    try:
        check_sums(place)
    except FolderError:
        return False
    return _is_of(place, about)


def _is_of(place: Path, about: Mapping[str, Any]) -> bool:
    sized = (place / NUMBERS).stat().st_size == _bytes_of(about)
    return sized and json.loads((place / ABOUT).read_text(encoding="utf-8")) == about


def _opened(place: Path, about: Mapping[str, Any], rows: Rows) -> Lower | None:
    """The first process has held it against its digests; here it is enough that it is the right one."""
    if not _is_of(place, about):
        return None
    kind = np.float32 if about["kind"] == "float32" else np.int16
    numbers = np.memmap(place / NUMBERS, dtype=kind, mode="r", shape=(about["tokens"], about["width"]))
    ends = np.concatenate([[0], np.cumsum(rows.lengths, dtype=np.int64)])
    return Lower(block=about["block"], ends=ends, numbers=numbers)


def _why_not(net: Readout, laid: Layout, rows: Rows, about: Mapping[str, Any], lower: Lower | None = None) -> str:
    """What keeps the net from beginning at the block, by what it works out itself or by what was kept."""
    if not laid.attention:
        return "texts cannot be packed"
    first = range(min(PROOF, len(rows)))
    carried = lower.of(first).to(net.device) if lower else None
    texts = [rows.windows[row][0] for row in first]
    return why_not_begun_at(net, about["block"], texts, kind=getattr(torch, about["kind"]), carried=carried)


def _announced(place: Path, rows: Rows, about: Mapping[str, Any], checkpoints: Checkpoints) -> str:
    """What will be written; a disk that has no room for it is told of before anything is."""
    needed, block = _bytes_of(about), about["block"]
    checkpoints.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(checkpoints.folder).free
    if needed > free:
        told = f"{_in_words(needed)} are needed for {about['tokens']:,} tokens, {_in_words(free)} are free"
        hints = ["make room there, choose another --out", "or take train.frozen_blocks = 0"]
        raise TrainingError(f"what enters block {block} cannot be kept in {str(place.parent)!r}: {told}", hints)
    return f"what enters block {block}, of {len(rows):,} texts: {_in_words(needed)} on disk, once for all epochs"


def _in_words(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _room(checkpoints: Checkpoints, block: int) -> AbstractContextManager[None]:
    kept = sorted((path.name for path in checkpoints.folder.glob("step-*")), reverse=True)
    return room_for(f"what enters block {block}", checkpoints.folder.parent, kept=lambda: kept)


def _work(net: Readout, rows: Rows, about: Mapping[str, Any], stream: IO[bytes]) -> Iterator[int]:
    """Write what enters the block, row after row; yields how many rows are done."""
    kind = getattr(torch, about["kind"])
    for batch in _neighbours(rows.lengths):
        found: Tensor = entering(net, about["block"], pack([rows.windows[row][0] for row in batch], net.device))
        numbers = found[0].to("cpu", kind).contiguous()
        stream.write((numbers if kind is torch.float32 else numbers.view(torch.int16)).numpy().data)
        yield batch.stop


def _neighbours(lengths: Sequence[int]) -> Iterator[range]:
    """Rows in their order, as many together as a batch has tokens."""
    first, tokens = 0, 0
    for row, length in enumerate(lengths):
        if row > first and tokens + length > BATCH_TOKENS:
            yield range(first, row)
            first, tokens = row, 0
        tokens += length
    yield range(first, len(lengths))


def _told_now_and_then(done: Iterator[int], of: int) -> Iterator[str]:
    told = time.monotonic()
    for texts in done:
        if time.monotonic() - told >= TOLD_EVERY_S:
            told = time.monotonic()
            yield f"{texts:,} of {of:,} texts"
