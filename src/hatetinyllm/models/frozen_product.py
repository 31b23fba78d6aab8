"""
The product with a frozen matrix and, where a layer has them, with thin ones beside it that learn (LoRA).

Written out with its gradients, so that several products of one input add their gradients up as they are made, and so that
dropout before the thin matrices costs what it drops and not what it keeps. What is thin is made and kept lying down, (rank, T):
a product with few columns takes several times as long as one with few rows.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from hatetinyllm.models.elementwise import dropped_places, without


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A frozen matrix, and thin ones beside it; without a rank there are none."""

    weight: Tensor
    down: Tensor | None = None  # (rank, inputs)
    up: Tensor | None = None  # (outputs, rank)
    scaling: float = 1.0
    dropout: float = 0.0  # of what goes into `down`, while it learns

    @property
    def learnt(self) -> tuple[Tensor, ...]:
        """What learns."""
        return () if self.down is None or self.up is None else (self.down, self.up)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a product needs for its gradients, beside its input."""

    thin: Tensor | None = None  # (rank, T)
    places: Tensor | None = None  # that were dropped
    factor: float = 1.0  # of what the thin matrices add


def frozen_of(part: Any) -> Frozen | None:
    """What a layer multiplies by; None for one that does anything else, or whose own matrix learns."""
    base: Any = getattr(part, "base_layer", part)
    kind: type = type(base)
    if kind is not nn.Linear or base.bias is not None or base.weight.requires_grad:
        return None
    if base is part:
        return Frozen(weight=base.weight)
    if not hasattr(part, "lora_A") or part.lora_variant or part.merged or part.disable_adapters or part.fan_in_fan_out:
        return None
    if len(part.active_adapters) != 1 or any(part.lora_bias.values()):
        return None
    (name,) = part.active_adapters
    dropout = part.lora_dropout[name]
    return Frozen(
        weight=base.weight,
        down=part.lora_A[name].weight,
        up=part.lora_B[name].weight,
        scaling=part.scaling[name],
        dropout=dropout.p if isinstance(dropout, nn.Dropout) else 0.0,
    )


def times(frozen: Frozen, x: Tensor, onto: Tensor | None = None, *, drops: bool) -> tuple[Tensor, Kept]:
    """(T, inputs) -> (T, outputs), added to a copy of `onto` if there is one."""
    made = x.mm(frozen.weight.t()) if onto is None else torch.addmm(onto, x, frozen.weight.t())
    if not frozen.learnt:
        return made, Kept()
    down, up = (part.to(x.dtype) for part in frozen.learnt)
    share = frozen.dropout if drops else 0.0
    places = dropped_places(x.numel(), share) if share else None
    thin = down.mm((x if places is None else without(x.clone(), places)).t())
    factor = frozen.scaling / (1 - share)
    return made.addmm_(thin.t(), up.t(), alpha=factor), Kept(thin=thin, places=places, factor=factor)


def times_change(
    frozen: Frozen, kept: Kept, x: Tensor, given: Tensor, onto: Tensor | None = None, *, wanted: bool = True
) -> tuple[Tensor | None, tuple[Tensor, ...]]:
    """By x, added into `onto` if there is one (none where it is not wanted), and by what learns."""
    change: Tensor | None = onto
    if wanted:
        change = given.mm(frozen.weight) if onto is None else onto.addmm_(given, frozen.weight)
    if not frozen.learnt or kept.thin is None:
        return change, ()
    down, up = (part.to(x.dtype) for part in frozen.learnt)
    thin = up.t().contiguous().mm(given.t())
    seen = x if kept.places is None else without(x.clone(), kept.places)
    by = thin.mm(seen).mul_(kept.factor), kept.thin.mm(given).t().mul_(kept.factor)
    if change is not None and kept.places is None:
        change.addmm_(thin.t(), down, alpha=kept.factor)
    elif change is not None and kept.places is not None:
        change.add_(without(thin.t().mm(down), kept.places), alpha=kept.factor)
    return change, tuple(part.to(own.dtype) for part, own in zip(by, frozen.learnt, strict=True))
