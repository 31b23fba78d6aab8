"""Blocks on a grid give what Transformers' own blocks give, and their gradients."""

import pytest
import torch
from transformers import LlamaConfig, LlamaModel, MistralConfig, MistralModel, OPTConfig, OPTModel

from hatetinyllm.models.grid import causal_bars, fits_grid, hidden_of

SHAPE = {
    "vocab_size": 50,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 32,
}


def llama(**changed: int) -> LlamaModel:
    torch.manual_seed(0)
    return LlamaModel(LlamaConfig(**{**SHAPE, **changed}))


@pytest.mark.parametrize("shared", [4, 2])
def test_the_grid_gives_what_the_module_gives(shared: int) -> None:
    decoder = llama(num_key_value_heads=shared)
    ids = torch.randint(0, 50, (3, 11))
    expected = decoder(input_ids=ids).last_hidden_state
    found = hidden_of(decoder, ids, causal_bars(11), made=False, half=False)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_the_gradients_are_the_modules_too() -> None:
    decoder, ids = llama(), torch.randint(0, 50, (2, 7))
    decoder(input_ids=ids).last_hidden_state.square().sum().backward()
    expected = {name: parameter.grad.clone() for name, parameter in decoder.named_parameters()}
    decoder.zero_grad()
    hidden_of(decoder, ids, causal_bars(7), made=False, half=False).square().sum().backward()
    for name, parameter in decoder.named_parameters():
        torch.testing.assert_close(parameter.grad, expected[name], atol=1e-4, rtol=1e-3, msg=name)


def test_16_bits_are_near() -> None:
    decoder, ids = llama(), torch.randint(0, 50, (2, 7))
    exact, near = (hidden_of(decoder, ids, causal_bars(7), made=False, half=half) for half in (False, True))
    assert 0 < float((exact - near).detach().abs().max()) < 0.1


def test_only_plain_blocks_fit() -> None:
    assert fits_grid(llama())
    assert not fits_grid(
        OPTModel(OPTConfig(hidden_size=16, ffn_dim=16, num_hidden_layers=1, num_attention_heads=2, vocab_size=9))
    )
    assert not fits_grid(MistralModel(MistralConfig(**SHAPE, sliding_window=8)))
    assert fits_grid(MistralModel(MistralConfig(**SHAPE, sliding_window=None)))
    bent = llama()
    bent.layers[0].mlp.act_fn = torch.nn.GELU()
    assert not fits_grid(bent)
