"""
Attention text by text with its gradients written out: for short texts in one row, on a CPU.

A text's queries, keys and values lie together in the row, and products of matrices take them from where they lie and put what
they make where it belongs: nothing is gathered, filled up or put back. The weights of a short text's attention are few enough
to hold, so plain products beat a kernel that never holds them.
"""

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from hatetinyllm.models.packing import Packing

LONGEST = 256  # tokens; longer texts are for a kernel that does not hold their weights


class AttendByText(Function):
    """Queries (T, heads, width), keys and values (T, heads or fewer, width) -> (T, heads, width); each looks left in its text."""

    @staticmethod
    def forward(context: Any, query: Tensor, key: Tensor, value: Tensor, packing: Packing, scaling: float) -> Tensor:
        """The weights of each text are kept."""
        context.held = key.shape[1]
        key, value = (_repeated(part, query.shape[1]) for part in (key, value))
        made = torch.empty_like(query, memory_format=torch.contiguous_format)
        asked, keys, values, out = (part.transpose(0, 1) for part in (query, key, value, made))  # (heads, T, width)
        ahead = torch.full((packing.longest, packing.longest), -math.inf, dtype=query.dtype).triu_(1)
        context.ends, context.weights, context.scaling = packing.ends.tolist(), [], scaling
        for first, end in pairwise(context.ends):
            mask, own = ahead[: end - first, : end - first], slice(first, end)
            weights = torch.baddbmm(mask, asked[:, own], keys[:, own].transpose(1, 2), alpha=scaling).softmax(-1)
            torch.bmm(weights, values[:, own], out=out[:, own])
            context.weights.append(weights)
        context.save_for_backward(query, key, value)
        return made

    @staticmethod
    @once_differentiable
    def backward(context: Any, given: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        """Each text's gradients go where its tokens are."""
        held = context.saved_tensors
        made = [torch.empty_like(part, memory_format=torch.contiguous_format) for part in held]
        asked, keys, values, said, *out = (part.transpose(0, 1) for part in (*held, given, *made))
        for weights, (first, end) in zip(context.weights, pairwise(context.ends), strict=True):
            own = slice(first, end)
            change = torch.bmm(said[:, own], values[:, own].transpose(1, 2))
            change = torch._softmax_backward_data(change, weights, -1, weights.dtype).mul_(context.scaling)
            torch.bmm(change, keys[:, own], out=out[0][:, own])
            torch.bmm(change.transpose(1, 2), asked[:, own], out=out[1][:, own])
            torch.bmm(weights.transpose(1, 2), said[:, own], out=out[2][:, own])
        query, key, value = made
        return query, _summed(key, context.held), _summed(value, context.held), None, None


def _repeated(part: Tensor, heads: int) -> Tensor:
    """A head that serves several, once for each."""
    return part if part.shape[1] == heads else part.repeat_interleave(heads // part.shape[1], dim=1)


def _summed(part: Tensor, heads: int) -> Tensor:
    """The sum over those that one head served."""
    return part if part.shape[1] == heads else part.view(len(part), heads, -1, part.shape[-1]).sum(2)
