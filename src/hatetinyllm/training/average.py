"""
An exponential mean of the weights that learn: it is what is judged, kept and saved, while the weights themselves go on learning.

    mean = share * mean + (1 - share) * weights, after each step t;  share = min(decay, (1 + t) / (10 + t))

So early on the mean forgets what the weights began with. Without a decay the mean is the weights, and nothing is held.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from hatetinyllm.errors import TrainingError
from hatetinyllm.training.bench import Bench


class Average:
    """The mean of some parameters; it begins as what they are now."""

    def __init__(self, learns: Mapping[str, nn.Parameter], decay: float) -> None:
        self._learns = learns
        self._decay = decay
        self.held: dict[str, Tensor] = {name: each.detach().clone() for name, each in learns.items()} if decay else {}

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """What is kept as the best and saved."""
        return self.held or self._learns

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Move on, after the weights took a step; steps are counted from 1."""
        share = min(self._decay, (1 + step) / (10 + step))
        for name, mean in self.held.items():
            mean.lerp_(self._learns[name], 1 - share)

    @contextmanager
    def laid(self) -> Iterator[None]:
        """While open, the net has the mean for its weights."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    @torch.no_grad()
    def swap(self) -> None:
        """Let the mean and the weights change places; done twice, nothing has happened."""
        for name, mean in self.held.items():
            learnt = self._learns[name].detach().clone()
            self._learns[name].copy_(mean)
            mean.copy_(learnt)


def average_of(bench: Bench, decay: float) -> Average:
    """The mean of the weights a bench lets learn."""
    if decay and bench.sharded:
        hints = ["take train.averaging = 0", "or launch the processes for DDP"]
        raise TrainingError("train.averaging does not go with FSDP", hints)
    return Average(bench.learns, decay)
