"""Attention in groups is torch's own, with its gradients."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from hatetinyllm.models.packing import pack
from hatetinyllm.models.text_attention import AttendInGroups

Rows = list[torch.Tensor]


def expected_of(rows: Rows, lengths: tuple[int, ...], heads: int, held: int) -> torch.Tensor:
    texts = [row.split(lengths) for row in rows]
    return torch.cat(
        [
            scaled_dot_product_attention(
                *(part.transpose(0, 1)[None] for part in parts), is_causal=True, scale=0.3, enable_gqa=heads != held
            )[0].transpose(0, 1)
            for parts in zip(*texts, strict=True)
        ]
    )


def same(made: torch.Tensor, expected: torch.Tensor, rows: Rows) -> None:
    torch.testing.assert_close(made, expected, rtol=1e-5, atol=1e-6)
    given = torch.randn_like(made)
    found, autograd = (torch.autograd.grad(answer, rows, given) for answer in (made, expected))
    for ours, theirs in zip(found, autograd, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("last_only", [False, True])
@pytest.mark.parametrize(("heads", "held"), [(4, 4), (6, 2), (3, 1)])
@pytest.mark.parametrize("lengths", [(1,), (5, 1, 17), (40, 3, 3, 90)])
def test_every_text_attends_as_it_would_alone(heads: int, held: int, lengths: tuple[int, ...], last_only: bool) -> None:
    torch.manual_seed(0)
    packing = pack([[1] * length for length in lengths])
    rows = [torch.randn(sum(lengths), count, 8, requires_grad=True) for count in (heads, held, held)]
    expected = expected_of(rows, lengths, heads, held)
    if last_only:
        made = AttendInGroups.apply(rows[0][packing.last], *rows[1:], packing.groups_of_last, 0.3)  # type: ignore[no-untyped-call]
        expected = expected[packing.last]
    else:
        made = AttendInGroups.apply(*rows, packing.groups, 0.3)  # type: ignore[no-untyped-call]
    same(made, expected, rows)
