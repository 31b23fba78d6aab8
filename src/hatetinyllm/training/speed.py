"""
How long this machine takes for the operations of a rehearsal, measured on the spot.

Each kind of operation is done for real, once or a few times, on numbers of its own: a net repeats its block, so there are
few kinds. The dearest come first; what the time limit leaves out is estimated from what was measured.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_map

from hatetinyllm.training.ledger import Form, Operation, Work
from hatetinyllm.training.loop import on_threads

LARGEST_BYTES = 1 << 30  # an operation on more is not tried out: its memory may not be there
ROUND_S = 0.002  # the least a measurement lasts, so that the clock can tell it
ON_CPU_ONLY = "_for_cpu"  # in the name of an operation that no card has
GUESSED_FLOPS_PER_S, GUESSED_BYTES_PER_S = 1e11, 1e10  # to find the dearest before anything is measured


@dataclass(frozen=True, kw_only=True)
class Speed:
    """What the machine did when it was asked, with the threads of the recipe."""

    flops_per_s: float  # of products of matrices
    bytes_per_s: float  # read and written by everything else
    device: str
    threads: int
    measured_share: float  # of the seconds of the work; the rest was estimated


@dataclass(frozen=True, kw_only=True)
class Timed:
    """Seconds of some work, and the speed it was done with."""

    seconds: float
    speed: Speed


def time_work(work: Work, *, device: torch.device, threads: int = 0, limit_s: float = 0.5, like: Speed | None = None) -> Timed:
    """How long a piece of work takes; timed for about `limit_s`, the rest worked out from that, or from a speed known before."""
    measured: list[tuple[Operation, float]] = []
    left: list[Operation] = []
    with torch.no_grad(), on_threads(threads):
        used = torch.get_num_threads() if device.type == "cpu" else 0
        until = time.perf_counter() + limit_s
        for operation in sorted(work.operations, key=_guess, reverse=True):
            if time.perf_counter() < until and _can_be_done(operation, device):
                measured.append((operation, _seconds(operation, device)))
            else:
                left.append(operation)
    known_rates = (like.flops_per_s, like.bytes_per_s) if like else (GUESSED_FLOPS_PER_S, GUESSED_BYTES_PER_S)
    flops_per_s = _rate([pair for pair in measured if pair[0].flops], "flops", known_rates[0])
    bytes_per_s = _rate([pair for pair in measured if not pair[0].flops], "size", known_rates[1])
    known = sum(seconds * operation.times for operation, seconds in measured)
    estimated = sum(
        operation.times * (operation.flops / flops_per_s if operation.flops else operation.size / bytes_per_s)
        for operation in left
    )
    seconds = known + estimated
    return Timed(
        seconds=seconds,
        speed=Speed(
            flops_per_s=flops_per_s,
            bytes_per_s=bytes_per_s,
            device=device.type,
            threads=used,
            measured_share=known / seconds if seconds else 1.0,
        ),
    )


def _guess(operation: Operation) -> float:
    return operation.times * (operation.flops / GUESSED_FLOPS_PER_S + operation.size / GUESSED_BYTES_PER_S)


def _can_be_done(operation: Operation, device: torch.device) -> bool:
    """Whether the device has this operation, and the machine room for it."""
    return operation.size < LARGEST_BYTES and (device.type == "cpu" or ON_CPU_ONLY not in str(operation.function))


def _rate(measured: Sequence[tuple[Operation, float]], amount: str, guess: float) -> float:
    """So much a second, over all of them; the guess where there are none."""
    seconds = sum(seconds * operation.times for operation, seconds in measured)
    return sum(getattr(operation, amount) * operation.times for operation, _ in measured) / seconds if seconds else guess


def _seconds(operation: Operation, device: torch.device) -> float:
    """The seconds of one call: the better of two rounds, each as long as the clock needs."""
    args, kwargs = tree_map(lambda part: _real(part, device), operation.arguments)

    def round_of(calls: int) -> float:
        _wait_for(device)
        began = time.perf_counter()
        for _ in range(calls):
            operation.function(*args, **kwargs)
        _wait_for(device)
        return (time.perf_counter() - began) / calls

    first = round_of(1)
    return min(first, round_of(max(1, min(100, round(ROUND_S / max(first, 1e-7))))))


def _real(part: Any, device: torch.device) -> Any:
    """A tensor of this form with numbers that disturb no operation; its memory is as long as the strides reach."""
    if isinstance(part, torch.device):
        return device
    if not isinstance(part, Form):
        return part
    reach = 1 + sum((size - 1) * stride for size, stride in zip(part.shape, part.strides, strict=True)) if all(part.shape) else 0
    numbers = torch.full((reach,), 0.5 if part.dtype.is_floating_point else 0, dtype=part.dtype, device=device)
    return numbers.as_strided(part.shape, part.strides)


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
