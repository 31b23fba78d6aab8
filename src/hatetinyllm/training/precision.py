"""
Weights that do not learn held in 16 bits while a net learns, and given back as they were.

What learns stays in 32 bits. So do vectors that stand beside a vector that learns (a norm whose bias learns): one operation
reads both. A weight that survives the way to 16 bits and back needs no copy; of any other its own numbers are kept in main
memory. What the coarser arithmetic changes is measured on some texts and told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hatetinyllm.models.readout import logits_of
from hatetinyllm.training.rows import Rows

PROBE_TEXTS = 64
SPARE = 1.2  # of a device's memory, beyond what whole weights take


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far logits moved, and how many guesses turned."""

    texts: int
    most: float
    mean: float
    flipped: int

    def __str__(self) -> str:
        change = f"logits change by at most {self.most:.2g}, by {self.mean:.2g} on average"
        return f"of {self.texts} texts {change}; guesses that turn: {self.flipped}"


def probe(net: nn.Module, rows: Rows) -> Tensor:
    """Logits of some rows, spread over all of them."""
    step = max(1, len(rows) // PROBE_TEXTS)
    chosen = range(0, len(rows), step)[:PROBE_TEXTS]
    return logits_of(net, [rows.windows[row][0] for row in chosen])


def drift(before: Tensor, after: Tensor, *, headline: int) -> Drift:
    """Between logits of the same texts; the guess is the headline's, which has the first so many logits."""
    change = (after - before).abs()
    turned = before[:, :headline].argmax(1) != after[:, :headline].argmax(1)
    return Drift(texts=len(before), most=float(change.max()), mean=float(change.mean()), flipped=int(turned.sum()))


@contextmanager
def halved(net: nn.Module) -> Iterator[str]:
    """While open, weights that do not learn are in 16 bits; yields which. Afterwards they are what they were, bit for bit."""
    held = to_halve(net)
    whole: dict[int, Tensor] = {}
    for parameter in held:
        numbers = parameter.data
        parameter.data = numbers.to(torch.bfloat16)
        if not torch.equal(parameter.data.float(), numbers):
            whole[id(parameter)] = numbers.cpu()
    try:
        yield _in_words(held, whole)
    finally:
        if held and lacks_room(held[0].device, sum(2 * parameter.nbytes for parameter in held)):
            net.to("cpu")
        for parameter in held:
            own = whole.get(id(parameter))
            parameter.data = parameter.data.float() if own is None else own.to(parameter.device)


def lacks_room(device: torch.device, size: int) -> bool:
    """Whether so many bytes more are too much for a card."""
    return device.type == "cuda" and torch.cuda.mem_get_info(device)[0] < SPARE * size


def to_halve(net: nn.Module) -> list[nn.Parameter]:
    """Which weights those are, in the order of the net, each once however many parts share it."""
    found: dict[int, nn.Parameter] = {}
    for part in net.modules():
        own = list(part.parameters(recurse=False))
        learns = any(parameter.requires_grad for parameter in own)
        for parameter in own:
            if not parameter.requires_grad and parameter.dtype is torch.float32 and not (learns and parameter.ndim <= 1):
                found[id(parameter)] = parameter
    return list(found.values())


def _in_words(held: Sequence[nn.Parameter], whole: dict[int, Tensor]) -> str:
    numbers = sum(parameter.numel() for parameter in held)
    kept = sum(parameter.numel() for parameter in held if id(parameter) in whole)
    said = f"{numbers:,} weights that do not learn are held in 16 bits"
    return (
        f"{said}, of which {kept:,} are kept in 32 bits in main memory too" if kept else f"{said}, where none of them is rounded"
    )
