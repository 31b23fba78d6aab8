"""
The memory a run needs at its fullest moment, worked out from shapes and a rehearsal:

    program + weights + optimiser + the larger of (gradients + activations of a step) and (a block of texts being judged)

Activations are those of the longest texts the recipe allows, so most steps need less. A net that will be kept in 4 bits is
read whole before, and one whose frozen weights are kept in 16 bits is whole before and after: where that is more than all of
this, it is the fullest moment. Frozen weights that would not come back from 16 bits as they were are kept in main memory too.
"""

from dataclasses import dataclass

from torch import nn
from transformers.pytorch_utils import Conv1D

from hatetinyllm.training.rehearsal import Rehearsal
from hatetinyllm.tuning.tune import READOUT, learning

MOMENT_BYTES = 8  # AdamW's two moments of each weight that learns
PROGRAM_BYTES = {"cpu": 460 << 20, "cuda": 600 << 20}  # cpu: measured on Linux; cuda: assumed of its context
SPARE = 1.7  # what the allocator holds beyond the tensors that live; chosen by the trainings of docs/results/plan.json
FLOAT_BYTES, HALF_BYTES = 4, 2
BYTES_IN_4_BITS = 0.53  # of a weight in blocks of 64, with the scales of the blocks


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes by what holds them."""

    program: int  # Python, torch and the rest, before any weight
    weights: int
    optimiser: int
    gradients: int
    activations: int  # beyond the gradients, at the fullest moment of a step
    judging: int  # of a block of texts that is judged
    available: int  # on this machine or its card; 0 where the system does not say
    reading: int = 0  # the net before or after training, where its weights are kept in fewer bits while it learns

    @property
    def peak(self) -> int:
        """The most that is held at once."""
        working = self.weights + self.optimiser + max(self.gradients + self.activations, self.judging)
        return self.program + max(working, self.reading)

    @property
    def fits(self) -> bool | None:
        """Whether there is so much; None where nobody knows."""
        return self.peak <= self.available if self.available else None


def foresee_memory(
    net: nn.Module,
    rehearsal: Rehearsal,
    *,
    in_parts: bool,
    in_4_bits: bool,
    halved: int = 0,
    rounded: bool = True,
    averaged: bool = False,
    device: str,
    available: int,
) -> Memory:
    """
    What a tuned net needs; `rehearsal` is of its longest block.

    `halved` of its weights are in 16 bits while it learns, and were in 32; `rounded` if that changes them. If they are
    `averaged`, their mean is held with the optimiser's numbers.
    """
    learns = sum(parameter.numel() for parameter in learning(net).values())
    gradients = 4 * learns
    step = max(rehearsal.learnt.peak_bytes + (gradients if in_parts else 0), gradients + rehearsal.descended.peak_bytes)
    judging = round(SPARE * rehearsal.read.peak_bytes)
    beside = FLOAT_BYTES * halved if rounded and device == "cpu" else 0
    return Memory(
        program=PROGRAM_BYTES[device],
        weights=_weight_bytes(net, in_4_bits=in_4_bits) + beside,
        optimiser=(MOMENT_BYTES + (FLOAT_BYTES if averaged else 0)) * learns,
        gradients=gradients,
        activations=round(SPARE * max(0, step - gradients)),
        judging=judging,
        available=available,
        reading=_reading(net, judging, in_4_bits=in_4_bits, halved=halved if device == "cpu" else 0),
    )


def _reading(net: nn.Module, judging: int, *, in_4_bits: bool, halved: int) -> int:
    """All that is held of a net in its own format; one that is whole again is judged, in 32 bits, whatever it learnt in."""
    if not (in_4_bits or halved):
        return 0
    return _weight_bytes(net, in_4_bits=False) + (FLOAT_BYTES - HALF_BYTES) * halved + (2 * judging if halved else 0)


def _weight_bytes(net: nn.Module, *, in_4_bits: bool) -> int:
    """All weights as they are held."""
    whole = sum(tensor.nbytes for tensor in (*net.parameters(), *net.buffers()))
    saved = sum(part.weight.nbytes - BYTES_IN_4_BITS * part.weight.numel() for part in frozen_matrices(net)) if in_4_bits else 0
    return whole - round(saved)


def frozen_matrices(net: nn.Module) -> list[nn.Linear | Conv1D]:
    """The decoder's linear layers that do not learn: those that qlora keeps in 4 bits."""
    return [
        part
        for name, part in net.named_modules()
        if isinstance(part, nn.Linear | Conv1D) and name.partition(".")[0] != READOUT and not part.weight.requires_grad
    ]
