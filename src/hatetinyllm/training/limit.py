"""
How fast this machine multiplies matrices, measured on the spot: the limit a step of training is held against.

The shapes are those of the decoder's own linear layers, each as often as the net has it, with 1,024 rows in the precision
of the run, on its device and threads. Adapters and the readout are too thin to measure a machine by and are left out. A
matrix so large that one product would take long on a CPU is measured on a part of its outputs.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median

import torch
from torch import nn
from torch.nn.functional import linear
from transformers.pytorch_utils import Conv1D

from hatetinyllm.errors import ModelError
from hatetinyllm.training.flops import size_of
from hatetinyllm.training.loop import on_threads
from hatetinyllm.tuning.tune import READOUT

ROWS = 1024
LIMIT_S = 0.6  # of measuring, beside the first product of each shape
MOST = 15  # products of one shape
LARGEST_ON_CPU = 1 << 33  # operations of one product
ADDED = re.compile(r"\.default(\.|$)")  # what PEFT adds to a layer bears the adapter's name; the layer itself does not


def measure_limit(net: nn.Module, *, device: torch.device | str, precision: str, threads: int = 0) -> float:
    """Operations a second in products of matrices; `precision` as in a recipe, `threads` of the CPU, 0 for torch's own choice."""
    place = torch.device(device)
    shapes = shapes_of(net)
    kind = torch.float32 if precision == "fp32" else torch.bfloat16
    with torch.no_grad(), on_threads(threads):
        seconds = {shape: _seconds(*shape, kind, place, LIMIT_S / len(shapes)) for shape in shapes}
    flops = sum(_flops(*shape) * times for shape, times in shapes.items())
    return flops / sum(seconds[shape] * times for shape, times in shapes.items())


def device_of(choice: str) -> torch.device:
    """Where a run computes: `auto` takes what the machine has beside its CPU."""
    found = torch.accelerator.current_accelerator(check_available=True) if choice == "auto" else None
    return found or torch.device("cpu")


def shapes_of(net: nn.Module) -> Counter[tuple[int, int]]:
    """Inputs and outputs of the decoder's own linear layers, and how many there are of each."""
    found = Counter(
        size_of(part)
        for name, part in net.named_modules()
        if isinstance(part, nn.Linear | Conv1D) and name.partition(".")[0] != READOUT and not ADDED.search(name)
    )
    if not found:
        raise ModelError("the decoder has no linear layers to measure this machine by")
    return found


def _flops(inputs: int, outputs: int) -> int:
    return 2 * ROWS * inputs * outputs


def _seconds(inputs: int, outputs: int, kind: torch.dtype, device: torch.device, limit_s: float) -> float:
    """Of one product, in the middle of several."""
    most = LARGEST_ON_CPU // _flops(inputs, 1) if device.type == "cpu" else outputs
    measured = max(1, min(outputs, most))
    chance = torch.Generator(device).manual_seed(0)  # of its own: the run's stays as it is
    rows, weights = (torch.randn(count, inputs, generator=chance, device=device).to(kind) for count in (ROWS, measured))
    return median(_timed(rows, weights, device, limit_s)) * outputs / measured


def _timed(rows: torch.Tensor, weights: torch.Tensor, device: torch.device, limit_s: float) -> Iterator[float]:
    linear(rows, weights)  # the first one chooses a kernel
    until = time.perf_counter() + limit_s
    for _ in range(MOST):
        _wait_for(device)
        began = time.perf_counter()
        linear(rows, weights)
        _wait_for(device)
        ended = time.perf_counter()
        yield ended - began
        if ended > until:
            return


def _wait_for(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
