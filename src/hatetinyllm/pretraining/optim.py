"""
The optimisers of a pretraining: Muon for the matrices of the blocks, AdamW for embeddings, vectors and all else.

Muon's step is made as long as AdamW's, so that one learning rate is right for both. Both are asked as one, which is how
checkpoints keep them.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import AdamW, Muon, Optimizer


class Together:
    """Several optimisers as one: their groups and states one behind the other."""

    def __init__(self, *optimisers: Optimizer) -> None:
        self.optimisers = optimisers

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Of all, in order."""
        return [group for optimiser in self.optimisers for group in optimiser.param_groups]

    def step(self) -> None:
        """Take a step with each."""
        for optimiser in self.optimisers:
            optimiser.step()

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for optimiser in self.optimisers:
            optimiser.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """States numbered through."""
        state: dict[int, Any] = {}
        for first, optimiser in zip(self._firsts(), self.optimisers, strict=True):
            state |= {first + index: values for index, values in optimiser.state_dict()["state"].items()}
        return {"state": state}

    def load_state_dict(self, given: Mapping[str, Any]) -> None:
        """Give each what is its own."""
        firsts = self._firsts()
        for first, end, optimiser in zip(firsts, [*firsts[1:], sum(self._counts())], self.optimisers, strict=True):
            own = {index - first: values for index, values in given["state"].items() if first <= index < end}
            optimiser.load_state_dict({**optimiser.state_dict(), "state": own})

    def _counts(self) -> list[int]:
        return [sum(len(group["params"]) for group in optimiser.param_groups) for optimiser in self.optimisers]

    def _firsts(self) -> list[int]:
        counts = self._counts()
        return [sum(counts[:number]) for number in range(len(counts))]


def make_optimisers(net: nn.Module, *, kind: str, learning_rate: float, weight_decay: float) -> Together:
    """By the options of a pretraining; embeddings and vectors do not decay."""
    embeddings = {id(part.weight) for part in net.modules() if isinstance(part, nn.Embedding)}
    learns = [parameter for parameter in net.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in learns if parameter.ndim == 2 and id(parameter) not in embeddings]
    own = {id(parameter) for parameter in matrices}
    others = [parameter for parameter in learns if id(parameter) not in own]
    rest = AdamW([{"params": others, "weight_decay": 0.0}], lr=learning_rate, betas=(0.9, 0.95), fused=True)
    if not matrices:
        return Together(rest)
    if kind == "adamw":
        return Together(AdamW(matrices, lr=learning_rate, weight_decay=weight_decay, betas=(0.9, 0.95), fused=True), rest)
    return Together(Muon(matrices, lr=learning_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"), rest)


def set_rate(optimisers: Together, rate: float) -> None:
    """Learn at this rate from now on."""
    for group in optimisers.param_groups:
        group["lr"] = torch.tensor(rate) if isinstance(group["lr"], torch.Tensor) else rate
