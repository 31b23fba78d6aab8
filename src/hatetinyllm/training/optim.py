"""The optimiser, its learning rate by step, and the loss."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from hatetinyllm.training.heads import UNKNOWN
from hatetinyllm.types import Head


def make_optimiser(learning: Mapping[str, nn.Parameter], *, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW; vectors (norms, biases) do not decay."""
    groups = [
        {"params": [p for p in learning.values() if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in learning.values() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=learning_rate)


def rate_at(step: int, steps: int, *, learning_rate: float, warmup_share: float) -> float:
    """The learning rate of a step (counted from 0): up in a line, then down in a line to nothing."""
    warmup = round(steps * warmup_share)
    if step < warmup:
        return learning_rate * (step + 1) / warmup
    return learning_rate * max(0.0, (steps - step) / max(1, steps - warmup))


def loss_of(
    logits: Tensor, truth: Sequence[Tensor], heads: Sequence[Head], weights: Sequence[Tensor | None], wholes: Sequence[float]
) -> Tensor:
    """
    The loss of some rows of a batch, summed over heads.

    Each head's sum is divided by its weight in the *whole* batch (`wholes`), so that parts of a batch, worked one after
    the other or on several devices, add up to exactly the loss of the batch.
    """
    total, first = logits.new_zeros(()), 0
    for head, answers, weight, whole in zip(heads, truth, weights, wholes, strict=True):
        own = logits[:, first : first + len(head.labels)]
        first += len(head.labels)
        if head.many:
            known = answers[:, 0] != UNKNOWN
            lost = binary_cross_entropy_with_logits(own[known], answers[known], reduction="sum") / len(head.labels)
        else:
            lost = cross_entropy(own, answers, weight=weight, ignore_index=UNKNOWN, reduction="sum")
        total = total + lost / max(whole, 1e-12)
    return total


def whole_weights(truth: Sequence[Tensor], heads: Sequence[Head], weights: Sequence[Tensor | None]) -> list[float]:
    """For each head the weight of all rows of a batch that answer it."""
    wholes = []
    for head, answers, weight in zip(heads, truth, weights, strict=True):
        known = answers[answers[:, 0] != UNKNOWN] if head.many else answers[answers != UNKNOWN]
        wholes.append(float(len(known)) if head.many or weight is None else float(weight[known].sum()))
    return wholes
