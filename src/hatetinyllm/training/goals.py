"""
The loss: what the answers of a row ask of the logits, made into numbers once for all rows.

An outcome is a label of a head of one label; for a head of many, each label has two: that it does not hold, and that it does.

    loss of a batch = sum over rows and outcomes of share * weight * (1 - p) ** focal * -log p  /  weights of the true outcomes

p is the probability the net gives an outcome; its share is 1 where it is true and 0 elsewhere, smoothed towards one over
the number of outcomes. Without any of these options that is the plain mean of the cross-entropy.
Heads add up, all but the headline by the weight that is given them.

A teacher's scores take the place of a share of the headline's own answers. Where a row has none, that share is all it learns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import log_softmax, logsigmoid, one_hot

from hatetinyllm.training.heads import UNKNOWN, Answers, balanced_weights
from hatetinyllm.types import Head


@dataclass(frozen=True, kw_only=True)
class Goals:
    """What every row asks of every outcome, heads side by side."""

    wanted: Tensor  # (rows, outcomes), share times weight; nothing where the source does not say
    mass: Tensor  # (rows, outcomes), the weight of the row's answer to the outcome's head

    def of(self, part: Sequence[int], batch: Sequence[int]) -> Tensor:
        """
        What some rows of a batch ask, as a share of what the *whole* batch does.

        So parts of a batch, worked one after the other or on several devices, add up to exactly the loss of the batch.
        """
        whole = self.mass[torch.tensor(batch)].sum(0, dtype=torch.float64).clamp(min=1e-12)
        return (self.wanted[torch.tensor(part)] / whole).float()


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What a teacher says of each row for the headline: the probability of its positive label, NaN of a row it does not name."""

    scores: Tensor  # (rows,)
    weight: float  # of the teacher against the row's own label


def goals_of(
    truth: Answers,
    heads: Sequence[Head],
    *,
    balanced: bool = False,
    smoothing: float = 0.0,
    beside_weight: float = 1.0,
    taught: Taught | None = None,
) -> Goals:
    """The goals of all rows; `balanced` gives rare labels more weight, `beside_weight` is that of all heads but the first."""
    weights = balanced_weights(truth, heads) if balanced else [None] * len(heads)
    parts = [_goals(*each, smoothing) for each in zip(truth.by_head, heads, weights, strict=True)]
    if taught is not None:
        parts[0] = _taught(*parts[0], heads[0], weights[0], taught)
    wanted, mass = (torch.cat(part, dim=1) for part in zip(*parts, strict=True))
    wanted[:, parts[0][0].shape[1] :] *= beside_weight
    return Goals(wanted=wanted, mass=mass)


def loss_of(logits: Tensor, wanted: Tensor, heads: Sequence[Head], *, focal: float = 0.0) -> Tensor:
    """The loss of some rows, by what they want of each outcome."""
    own = torch.split(logits, [len(head.labels) for head in heads], dim=1)
    logs = torch.cat([_logs(part, head) for part, head in zip(own, heads, strict=True)], dim=1)
    lost = -logs
    if focal:  # never quite nothing: below a power of 1 its slope would have no end
        lost = lost * torch.expm1(logs).neg().clamp(min=torch.finfo(logs.dtype).eps) ** focal
    return (wanted * lost).sum()


def _goals(answers: Tensor, head: Head, weight: Tensor | None, smoothing: float) -> tuple[Tensor, Tensor]:
    """What one head's answers ask, and their weights; a head of many labels asks the mean over them."""
    if head.many:
        known = answers[:, :1] != UNKNOWN
        true, choices = torch.cat([1 - answers, answers], dim=1) * known, 2
    else:
        known = (answers != UNKNOWN)[:, None]
        true, choices = one_hot(answers.clamp(min=0), len(head.labels)) * known, len(head.labels)
    weight = torch.ones(true.shape[1]) if weight is None else weight
    questions = len(head.labels) if head.many else 1
    shares = true * (1 - smoothing) + known * (smoothing / choices)
    mass = (true * weight).sum(1, keepdim=True) / questions
    return shares * weight / questions, mass.expand_as(true)


def _taught(wanted: Tensor, mass: Tensor, head: Head, weight: Tensor | None, taught: Taught) -> tuple[Tensor, Tensor]:
    """The headline's goals with a share of the teacher's probabilities; the mass of a row with an answer stays its answer's."""
    assert head.binary, head
    assert head.positive is not None, head
    named = ~taught.scores.isnan()[:, None]
    place = head.labels.index(head.positive)
    said = torch.stack([taught.scores if label == place else 1 - taught.scores for label in (0, 1)], dim=1).nan_to_num()
    said = said if weight is None else said * weight
    mixed = torch.where(named, (1 - taught.weight) * wanted + taught.weight * said, wanted)
    alone = named & (mass == 0)
    return mixed, torch.where(alone, taught.weight * said.sum(1, keepdim=True), mass)


def _logs(logits: Tensor, head: Head) -> Tensor:
    """The logarithm of each outcome's probability."""
    return torch.cat([logsigmoid(-logits), logsigmoid(logits)], dim=1) if head.many else log_softmax(logits, dim=1)
