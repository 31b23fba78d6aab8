"""The last block may be worked for the last tokens alone, and is left as it was found."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from hatetinyllm.models.attention import SEGMENTS, register
from hatetinyllm.models.last_tokens import attention_within, blocks_of, last_tokens_only
from hatetinyllm.models.packing import Packing, pack

TEXTS = [[3, 4, 5], [6], [7] * 20]


@pytest.fixture
def decoder() -> Any:
    """A decoder that reads packed texts."""
    register()
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    torch.manual_seed(0)
    made = AutoModel.from_config(AutoConfig.for_model("llama", **shape, num_key_value_heads=2, vocab_size=32, pad_token_id=0))
    made.config._attn_implementation = SEGMENTS
    return made


@pytest.fixture
def parts(decoder: Any) -> tuple[nn.Module, nn.Module]:
    """Its last block and that block's attention."""
    blocks = blocks_of(decoder)
    assert blocks is not None
    attention = attention_within(blocks[-1])
    assert attention is not None
    return blocks[-1], attention


def read(decoder: Any, packing: Packing) -> Tensor:
    """(1, T or B, width)."""
    hidden: Tensor = decoder(
        input_ids=packing.ids, position_ids=packing.positions, use_cache=False, packing=packing
    ).last_hidden_state
    return hidden


def gradients(decoder: Any, made: Tensor) -> list[Tensor]:
    found = torch.autograd.grad((made * torch.linspace(-1, 1, made.numel()).view_as(made)).sum(), list(decoder.parameters()))
    return list(found)


def test_the_blocks_of_a_decoder_are_found_in_order(decoder: Any) -> None:
    assert blocks_of(decoder) is decoder.layers
    decoder.config.num_hidden_layers = 7
    assert blocks_of(decoder) is None


def test_a_block_without_an_attention_of_a_known_name_has_none(parts: tuple[nn.Module, nn.Module]) -> None:
    assert attention_within(parts[0]) is parts[1]
    assert attention_within(nn.Sequential(nn.Linear(2, 2))) is None


def test_only_the_last_tokens_come_out_and_they_are_the_same(decoder: Any, parts: tuple[nn.Module, nn.Module]) -> None:
    packing = pack(TEXTS)
    wanted = read(decoder, packing)[:, packing.last]
    of_wanted = gradients(decoder, wanted)
    with last_tokens_only(*parts):
        made = read(decoder, packing)
        of_made = gradients(decoder, made)
    assert made.shape == (1, 3, 32)
    torch.testing.assert_close(made, wanted)
    torch.testing.assert_close(of_made, of_wanted)


def test_spread_they_stand_where_they_stood(decoder: Any, parts: tuple[nn.Module, nn.Module]) -> None:
    packing = pack(TEXTS)
    wanted = read(decoder, packing)
    of_wanted = gradients(decoder, wanted[:, packing.last])
    with last_tokens_only(*parts, spread=True):
        made = read(decoder, packing)
        of_made = gradients(decoder, made[:, packing.last])
    assert made.shape == wanted.shape
    torch.testing.assert_close(made[:, packing.last], wanted[:, packing.last])
    torch.testing.assert_close(of_made, of_wanted)


def test_a_block_whose_activations_are_computed_again_gives_the_same(decoder: Any, parts: tuple[nn.Module, nn.Module]) -> None:
    packing = pack(TEXTS)
    decoder.train()
    wanted = gradients(decoder, read(decoder, packing)[:, packing.last])
    decoder.activation_checkpointing_enable({"use_reentrant": False})
    with last_tokens_only(*parts):
        made = gradients(decoder, read(decoder, packing))
    torch.testing.assert_close(made, wanted)


def test_a_padded_block_is_worked_as_ever(decoder: Any, parts: tuple[nn.Module, nn.Module]) -> None:
    ids = torch.tensor([[3, 4, 5], [6, 7, 8]])
    wanted = decoder(input_ids=ids, use_cache=False).last_hidden_state
    with last_tokens_only(*parts):
        assert torch.equal(decoder(input_ids=ids, use_cache=False).last_hidden_state, wanted)


def test_afterwards_both_are_as_they_were_whatever_happened(parts: tuple[nn.Module, nn.Module]) -> None:
    block, attention = parts

    def own(*given: Any, **named: Any) -> Any:
        raise KeyError("a way of its own")

    block.forward = own
    with pytest.raises(KeyError, match="its own"), last_tokens_only(block, attention):
        block(torch.zeros(1, 4, 32), packing=pack([[3, 4, 5, 6]]))
    assert block.forward is own
    assert "forward" not in vars(attention)


class Block(nn.Module):
    """A block that calls its attention in one way or another."""

    def __init__(self, call: Callable[..., Any]) -> None:
        super().__init__()
        self.attn: nn.Module = nn.Identity()
        self.call = call

    def forward(self, hidden: Tensor, packing: Packing | None = None) -> Any:
        return self.call(self.attn, hidden, packing)


def test_a_block_that_does_not_say_how_texts_are_packed_cannot_be_cut_short() -> None:
    block = Block(lambda attn, hidden, packing: attn(hidden))
    with (
        last_tokens_only(block, block.attn),
        pytest.raises(NotImplementedError, match="without saying how the texts are packed"),
    ):
        block(torch.zeros(1, 4, 2), packing=pack([[3, 4, 5, 6]]))


@pytest.mark.parametrize("spread", [False, True])
def test_what_is_told_beside_is_passed_on(spread: bool) -> None:
    block = Block(lambda attn, hidden, packing: attn(hidden, packing=packing))
    block.attn = Block(lambda attn, hidden, packing: (hidden, "beside"))
    packing = pack([[3, 4], [5, 6]])
    hidden = torch.arange(4.0).view(1, 4, 1)
    with last_tokens_only(block, block.attn, spread=spread):
        made, beside = block(hidden, packing=packing)
    assert beside == "beside"
    assert made.flatten().tolist() == ([0, 1, 0, 3] if spread else [1, 3])
