"""The optimiser, and its learning rate by step and by block."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.last_tokens import blocks_of
from hatetinyllm.models.lower import AFTER
from hatetinyllm.models.readout import Readout


def make_optimiser(
    learning: Mapping[str, nn.Parameter],
    *,
    learning_rate: float,
    weight_decay: float,
    shares: Mapping[str, float] | None = None,
    fused: bool = False,
) -> torch.optim.AdamW:
    """AdamW; vectors (norms, biases) do not decay. A parameter learns at its share of the rate."""
    shares = shares or {}
    groups: dict[tuple[float, float], dict[str, Any]] = {}
    for decay, are_vectors in ((weight_decay, False), (0.0, True)):
        for name, parameter in learning.items():
            if (parameter.ndim <= 1) == are_vectors:
                share = shares.get(name, 1.0)
                group = {"params": [], "weight_decay": decay, "share": share, "lr": learning_rate * share}
                groups.setdefault((are_vectors, share), group)["params"].append(parameter)
    return torch.optim.AdamW(list(groups.values()), lr=learning_rate, fused=fused)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Learn at this rate from now on, each group at its share of it."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("share", 1.0)


def rate_at(step: int, steps: int, *, learning_rate: float, warmup_share: float) -> float:
    """The learning rate of a step (counted from 0): up in a line, then down in a line to nothing."""
    warmup = round(steps * warmup_share)
    if step < warmup:
        return learning_rate * (step + 1) / warmup
    return learning_rate * max(0.0, (steps - step) / max(1, steps - warmup))


def shares_of(net: nn.Module, layer_rate: float) -> dict[str, float]:
    """
    The share of the learning rate each parameter of a net learns at, by its name.

    The readout, the top block and what stands between them learn at all of it, each block at `layer_rate` of the one above,
    and what comes before the blocks (embeddings) once more.
    """
    assert isinstance(net, Readout)
    if layer_rate == 1:
        return {}
    blocks = blocks_of(net.decoder)
    if blocks is None:
        kind = net.config.model_type
        raise TrainingError(f"train.layer_rate is {layer_rate:g}, but the blocks of a {kind} are not found", ["take 1"])
    depths = {id(part): len(blocks) - 1 - index for index, block in enumerate(blocks) for part in block.parameters()}
    for name, parameter in net.decoder.named_parameters():
        if AFTER.isdisjoint(name.split(".")):
            depths.setdefault(id(parameter), len(blocks))
    return {name: layer_rate ** depths.get(id(parameter), 0) for name, parameter in net.named_parameters()}
