"""Mistral 7B v0.1: grouped queries and a window that slides."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.mistral_7b import CARD, load


def test_a_token_sees_a_window(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "mistral"
    assert config.sliding_window == 16
    assert config.num_key_value_heads < config.num_attention_heads


def test_it_is_the_first_version() -> None:
    assert CARD.id.endswith("-v0.1")
    assert CARD.shape["sliding_window"] == 4096
