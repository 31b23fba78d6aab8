"""
Attention group by group of short texts with its gradients written out: for texts in one row, on a CPU.

A group's queries, keys and values lie together in the row, and products of matrices take them from where they lie: nothing is
gathered or filled up. The weights of a short text's attention are few enough to hold, so plain products beat a kernel that
never holds them.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from hatetinyllm.models.groups import Group

LONGEST = 256  # tokens; longer texts are for a kernel that does not hold their weights


class AttendInGroups(Function):
    """Queries (rows, heads, width), keys and values (T, heads or fewer, width) -> (rows, heads, width)."""

    @staticmethod
    def forward(context: Any, query: Tensor, key: Tensor, value: Tensor, groups: Sequence[Group], scaling: float) -> Tensor:
        """The weights of each group are kept."""
        context.save_for_backward(query, key, value)
        given, heads = query.dtype, query.shape[1]
        query, key, value = (_repeated(_wide(part), heads) for part in (query, key, value))
        made = torch.empty_like(query, memory_format=torch.contiguous_format)
        asking, keys, values, out = (part.transpose(0, 1) for part in (query, key, value, made))  # (heads, rows, width)
        context.groups, context.weights, context.scaling = groups, [], scaling
        for group in groups:
            asks, asked = group.asks, group.asked
            barred = group.barred.to(made.dtype)
            weights = torch.baddbmm(barred, asking[:, asks], keys[:, asked].transpose(1, 2), alpha=scaling).softmax(-1)
            out[:, asks].copy_(torch.bmm(weights, values[:, asked]))  # copied: to write there at once takes a product a head
            context.weights.append(weights)
        return made.to(given)

    @staticmethod
    @once_differentiable
    def backward(context: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        """Each group's gradients go where its tokens are."""
        query, key, value = context.saved_tensors
        held = [_repeated(_wide(part), query.shape[1]) for part in (query, key, value)]
        made = [torch.empty_like(part, memory_format=torch.contiguous_format) for part in held]
        asking, keys, values, said, *out = (part.transpose(0, 1) for part in (*held, _wide(given), *made))
        with torch.autocast("cpu", enabled=False):  # whoever asks for gradients may be under it
            for weights, group in zip(context.weights, context.groups, strict=True):
                asks, asked = group.asks, group.asked
                change = torch.bmm(said[:, asks], values[:, asked].transpose(1, 2))
                change = torch._softmax_backward_data(change, weights, -1, weights.dtype).mul_(context.scaling)
                out[0][:, asks].copy_(torch.bmm(change, keys[:, asked]))
                out[1][:, asked].copy_(torch.bmm(change.transpose(1, 2), asking[:, asks]))
                out[2][:, asked].copy_(torch.bmm(weights.transpose(1, 2), said[:, asks]))
        by = (_summed(part, own.shape[1]).to(own.dtype) for part, own in zip(made, (query, key, value), strict=True))
        return *by, None, None


def _wide(part: Tensor) -> Tensor:
    """In 32 bits at least: many small products take longer in 16 on a CPU, and add up worse."""
    return part.to(torch.promote_types(part.dtype, torch.float32))


def _repeated(part: Tensor, heads: int) -> Tensor:
    """A head that serves several, once for each."""
    return part if part.shape[1] == heads else part.repeat_interleave(heads // part.shape[1], dim=1)


def _summed(part: Tensor, heads: int) -> Tensor:
    """The sum over those that one head served."""
    return part if part.shape[1] == heads else part.view(len(part), heads, -1, part.shape[-1]).sum(2)
