"""
The loss of foretelling the next token, over a vocabulary whose logits are never held all at once.

The gradient is worked out on the way forward, some tokens at a time, so that memory holds the logits of these alone.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear

TOKENS = 512  # whose logits are held at once: more would not stay in a CPU's cache


class Foretelling(Function):
    """The summed loss in nats of (T, D) hidden states against (T,) goals, by a (V, D) matrix."""

    @staticmethod
    def forward(context: Any, hidden: Tensor, matrix: Tensor, bias: Tensor | None, goals: Tensor, kind: torch.dtype) -> Tensor:
        """A scalar in 32 bits."""
        learns = any(context.needs_input_grad[:3])
        half, total = matrix.to(kind), hidden.new_zeros(())
        by_hidden = torch.empty_like(hidden) if learns else None
        by_matrix = torch.zeros_like(matrix) if learns else None
        by_bias = torch.zeros_like(bias) if learns and bias is not None else None
        for first in range(0, len(goals), TOKENS):
            part = slice(first, first + TOKENS)
            seen = hidden[part].to(kind)
            logits = linear(seen, half, None if bias is None else bias.to(kind)).float()
            logs = torch.log_softmax(logits, dim=-1)
            total -= logs.gather(1, goals[part, None]).sum()
            if by_hidden is None or by_matrix is None:
                continue
            change = logs.exp_()
            change.scatter_add_(1, goals[part, None], -torch.ones_like(goals[part, None], dtype=change.dtype))
            if by_bias is not None:
                by_bias += change.sum(0)
            by_logits = change.to(kind)
            by_hidden[part] = by_logits @ half
            by_matrix += by_logits.T @ seen
        context.save_for_backward(by_hidden, by_matrix, by_bias)
        return total

    @staticmethod
    @once_differentiable
    def backward(context: Any, given: Tensor) -> tuple[Any, ...]:
        """What was worked out, at the weight of the loss."""
        return *(None if change is None else change * given for change in context.saved_tensors), None, None


def foretell(hidden: Tensor, matrix: Tensor, goals: Tensor, *, bias: Tensor | None = None, half: bool = True) -> Tensor:
    """The summed loss in nats; 16 bits in the products where `half`."""
    kind = torch.bfloat16 if half else torch.float32
    total: Tensor = Foretelling.apply(hidden.flatten(0, -2), matrix, bias, goals.flatten(), kind)  # type: ignore[no-untyped-call]
    return total
