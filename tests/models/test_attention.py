"""Attention over a packed row is attention within each of its texts, forward and backward."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from hatetinyllm.models import attention
from hatetinyllm.models.attention import SEGMENTS, VARLEN, attend_by_ends, attend_in_buckets, register
from hatetinyllm.models.packing import Packing, pack

LENGTHS = (5, 1, 40, 17, 3, 33, 16)
WIDTH, MODULE = 8, nn.Module()
Row = tuple[Tensor, Tensor, Tensor]


def drawn(heads: int, held_by: int, *, prefix: int = 0, dtype: torch.dtype = torch.float64) -> Row:
    """Queries, keys and values of a row, a prefix before the keys and values; they learn."""
    chance = torch.Generator().manual_seed(1)

    def part(heads: int, tokens: int) -> Tensor:
        numbers = torch.randn(1, heads, tokens, WIDTH, generator=chance, dtype=torch.float64)
        return numbers.to(dtype).requires_grad_()

    tokens = sum(LENGTHS)
    return part(heads, tokens), part(held_by, prefix + tokens), part(held_by, prefix + tokens)


def text_by_text(row: Row, *, window: int = 0, prefix: int = 0) -> Tensor:
    """(1, heads, T, width) -> (1, T, heads, width), each text by itself with a mask written out."""
    found, first, (query, key, value) = [], 0, row
    for length in LENGTHS:
        held = [*range(prefix), *range(prefix + first, prefix + first + length)]
        mask = torch.zeros(length, prefix + length, dtype=torch.bool)
        for asking in range(length):
            seen = asking + prefix + 1
            mask[asking, max(0, seen - window) if window else 0 : seen] = True
        own = query[:, :, first : first + length]
        found.append(scaled_dot_product_attention(own, key[:, :, held], value[:, :, held], attn_mask=mask, enable_gqa=True))
        first += length
    return torch.cat(found, dim=2).transpose(1, 2)


def gradients(row: Row, made: Tensor) -> tuple[Tensor, ...]:
    weights = torch.randn(made.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    return torch.autograd.grad((made * weights).sum(), row)


@pytest.fixture
def packing() -> Packing:
    return pack([[3] * length for length in LENGTHS])


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """In place of the kernel of CUDA a loop over texts; its calls are kept."""
    calls: list[dict[str, Any]] = []

    def loop(query: Tensor, key: Tensor, value: Tensor, ends: Tensor, *others: Any, **asked: Any) -> Tensor:
        calls.append({**asked, "dtype": query.dtype})
        window = asked["window_size"][0] + 1
        assert ends.diff().tolist() == list(LENGTHS)
        query, key, value = (part.transpose(0, 1)[None] for part in (query, key, value))
        return text_by_text((query, key, value), window=window)[0]

    monkeypatch.setattr(attention, "varlen_attn", loop)
    return calls


@pytest.mark.parametrize("window", [0, 4, 16, 100])
@pytest.mark.parametrize("prefix", [0, 6])
@pytest.mark.parametrize("held_by", [4, 2, 1])
def test_in_buckets_every_text_attends_to_itself_alone(packing: Packing, held_by: int, prefix: int, window: int) -> None:
    row = drawn(4, held_by, prefix=prefix)
    made, told = attend_in_buckets(MODULE, *row, None, sliding_window=window or None, packing=packing)
    wanted = text_by_text(row, window=window, prefix=prefix)
    assert told is None
    torch.testing.assert_close(made, wanted)
    torch.testing.assert_close(gradients(row, made), gradients(row, wanted))


@pytest.mark.parametrize("window", [None, 3])
def test_without_a_packing_each_row_of_a_padded_block_attends_causally(window: int | None) -> None:
    chance = torch.Generator().manual_seed(1)
    query, key, value = (torch.randn(3, 2, 9, WIDTH, generator=chance) for _ in range(3))
    behind = torch.arange(9)[:, None] - torch.arange(9)
    mask = (behind >= 0) & (behind < (window or 9))
    made, _ = attend_in_buckets(MODULE, query, key, value, None, sliding_window=window)
    torch.testing.assert_close(made, scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2))
    assert made.is_contiguous()


def test_scores_are_scaled_as_asked(packing: Packing) -> None:
    query, key, value = drawn(4, 2)
    scaled, _ = attend_in_buckets(MODULE, query, key, value, None, scaling=1.0, packing=packing)
    usual, _ = attend_in_buckets(MODULE, query * WIDTH**0.5, key, value, None, packing=packing)
    torch.testing.assert_close(scaled, usual)


def test_dropout_leaves_the_mean_and_drops_the_share_that_is_asked_for() -> None:
    packing = pack([[3] * 16] * 200)
    query, key = torch.zeros(1, 2, 3200, WIDTH), torch.zeros(1, 2, 3200, WIDTH)
    torch.manual_seed(0)
    made, _ = attend_in_buckets(MODULE, query, key, torch.ones_like(key), None, dropout=0.25, packing=packing)
    assert made.mean().item() == pytest.approx(1, abs=0.02)
    firsts = made[0, packing.ends[:-1].long(), :, 0]  # of a text's first token the only weight is dropped, or grows
    assert (firsts == 0).float().mean().item() == pytest.approx(0.25, abs=0.05)
    assert firsts[firsts > 0].tolist() == pytest.approx([4 / 3] * int((firsts > 0).sum()))


@pytest.mark.parametrize("window", [None, 4])
@pytest.mark.parametrize("held_by", [4, 2])
def test_the_kernel_is_asked_for_the_same(
    packing: Packing, kernel: list[dict[str, Any]], held_by: int, window: int | None
) -> None:
    row = drawn(4, held_by, dtype=torch.bfloat16)
    made, told = attend_by_ends(MODULE, *row, None, sliding_window=window, packing=packing)
    wanted, _ = attend_in_buckets(MODULE, *row, None, sliding_window=window, packing=packing)
    assert told is None
    assert len(kernel) == 1
    assert kernel[0]["enable_gqa"] == (held_by != 4)
    torch.testing.assert_close(made, wanted, atol=0.02, rtol=0.02)
    torch.testing.assert_close(gradients(row, made), gradients(row, wanted), atol=0.1, rtol=0.05)


def test_under_autocast_the_kernel_gets_16_bits(packing: Packing, kernel: list[dict[str, Any]]) -> None:
    row = drawn(4, 2, dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        made, _ = attend_by_ends(MODULE, *row, None, packing=packing)
    assert [call["dtype"] for call in kernel] == [torch.bfloat16]
    torch.testing.assert_close(made.double(), text_by_text(row).double(), atol=0.03, rtol=0.03)


@pytest.mark.parametrize(
    ("dtype", "prefix", "asked"),
    [(torch.float32, 0, {}), (torch.bfloat16, 6, {}), (torch.bfloat16, 0, {"dropout": 0.5})],
    ids=["32 bits", "a prefix", "dropout"],
)
def test_what_the_kernel_cannot_goes_by_buckets(
    packing: Packing, kernel: list[dict[str, Any]], dtype: torch.dtype, prefix: int, asked: dict[str, Any]
) -> None:
    row = drawn(4, 2, prefix=prefix, dtype=dtype)
    torch.manual_seed(0)
    made, _ = attend_by_ends(MODULE, *row, None, packing=packing, **asked)
    torch.manual_seed(0)
    wanted, _ = attend_in_buckets(MODULE, *row, None, packing=packing, **asked)
    assert torch.equal(made, wanted)
    assert not kernel


def test_a_padded_block_never_reaches_the_kernel(kernel: list[dict[str, Any]]) -> None:
    part = torch.randn(2, 2, 5, WIDTH, dtype=torch.bfloat16)
    made, _ = attend_by_ends(MODULE, part, part, part, None)
    assert made.shape == (2, 5, 2, WIDTH)
    assert not kernel


class Configured(nn.Module):
    """An attention whose configuration says more than it asks for; the second layer of its net."""

    layer_idx = 1

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self.config: Any = SimpleNamespace(**config)


@pytest.mark.parametrize("attend", [attend_in_buckets, attend_by_ends])
@pytest.mark.parametrize(
    ("module", "asked", "said"),
    [
        (MODULE, {"softcap": 50.0}, "softcap"),
        (MODULE, {"s_aux": torch.zeros(4)}, "s_aux"),
        (Configured(attention_chunk_size=16), {}, "attention_chunk_size"),
        (Configured(sliding_window=16), {}, "of the mask alone"),
        (Configured(sliding_window=16, layer_types=["full_attention", "sliding_attention"]), {}, "of the mask alone"),
    ],
)
def test_what_is_not_done_here_is_refused(
    packing: Packing, attend: Callable[..., Any], module: nn.Module, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotImplementedError, match=said):
        attend(module, *drawn(4, 2), None, packing=packing, **asked)


@pytest.mark.parametrize(
    ("module", "asked"),
    [
        (MODULE, {"softcap": None, "head_mask": None, "is_causal": True}),
        (Configured(sliding_window=16), {"sliding_window": 16}),
        (Configured(sliding_window=None), {}),
        (Configured(sliding_window=16, layer_types=["sliding_attention", "full_attention"]), {}),
    ],
)
def test_what_is_asked_for_by_name_or_not_at_all_is_done(packing: Packing, module: nn.Module, asked: dict[str, Any]) -> None:
    made, _ = attend_in_buckets(module, *drawn(4, 2), None, packing=packing, **asked)
    assert made.shape == (1, sum(LENGTHS), 4, WIDTH)


def test_both_are_known_to_transformers_once_registered_and_again() -> None:
    register()
    register()
    known = AttentionInterface()
    assert (known[SEGMENTS], known[VARLEN]) == (attend_in_buckets, attend_by_ends)
