"""
What stands between the products of matrices in a block, in fewer passes over memory than autograd takes.

Plain functions with their gradients beside them: `...s_change` turns the change of what was made into that of what it was
made from. Tensors that nobody else holds are written over, which spares the memory and the time to fetch it.
"""

import math

import torch
from torch import Tensor

RESOLUTION = torch.float64  # of the random numbers that gaps are made of


def normed(x: Tensor, weight: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """The rows over their root mean square, times the weight; and the scale of each row."""
    size = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
    scale = size.square_().div_(x.shape[-1]).add_(eps).rsqrt_().to(x.dtype)  # (T, 1)
    return (x * scale).mul_(weight), scale


def normeds_change(change: Tensor, x: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    """By x, for a weight that does not learn; `change` is written over."""
    change.mul_(weight)
    along = (change * x).sum(-1, keepdim=True).mul_(scale.square()).div_(-x.shape[-1])
    return change.addcmul_(x, along).mul_(scale)


def turned(x: Tensor, cos: Tensor, sin: Tensor, way: int = 1) -> Tensor:
    """Rotary positions: the halves of each head turned by the angle of their place, (T, heads, width); -1 turns back."""
    made, half = x * cos, x.shape[-1] // 2
    made[..., :half].addcmul_(x[..., half:], sin[..., :half], value=-way)
    made[..., half:].addcmul_(x[..., :half], sin[..., half:], value=way)
    return made


def dropped_places(count: int, share: float) -> Tensor:
    """Places in a row of `count`, each with this probability and independent of the others: the gaps between them are drawn."""
    expected = count * share
    draws = int(expected + 6 * math.sqrt(expected + 1)) + 16
    found: list[Tensor] = []
    last = -1
    while last < count:
        chance = torch.rand(draws, dtype=RESOLUTION).neg_().log1p_()  # log of a number in (0, 1]
        found.append(chance.div_(math.log1p(-share)).long().add_(1).cumsum(0).add_(last))
        last = int(found[-1][-1])
    places = found[0] if len(found) == 1 else torch.cat(found)
    return places[: int(torch.searchsorted(places, count))]


def without(x: Tensor, places: Tensor) -> Tensor:
    """Written over with nothing at these places."""
    x.view(-1).index_fill_(0, places, 0)
    return x
