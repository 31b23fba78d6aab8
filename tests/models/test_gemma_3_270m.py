"""Gemma-3-270M: layers that see a window between layers that see all, and a key."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.gemma_3_270m import CARD, load


def test_some_layers_see_a_window(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "gemma3_text"
    assert set(config.layer_types) == {"sliding_attention", "full_attention"}
    assert config.num_key_value_heads == 1


def test_it_asks_for_a_key_and_every_sixth_layer_sees_all() -> None:
    assert CARD.gated
    assert CARD.id == "google/gemma-3-270m"
    layers = CARD.shape["layer_types"]
    assert [index + 1 for index, kind in enumerate(layers) if kind == "full_attention"] == list(range(6, 18 + 1, 6))
    assert len(layers) == CARD.shape["num_hidden_layers"] == 18
