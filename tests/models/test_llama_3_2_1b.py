"""Llama-3.2-1B: stretched positions, and a key."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.llama_3_2_1b import CARD, load


def test_its_positions_are_stretched(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "llama"
    assert config.rope_parameters["rope_type"] == "llama3"
    assert config.tie_word_embeddings


def test_it_asks_for_a_key() -> None:
    assert CARD.gated
    assert CARD.licence == "llama3.2"
    assert CARD.max_tokens == 131_072
