"""Qwen3-0.6B: normed queries and keys, heads wider than the state's share."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.qwen3_0_6b import CARD, load


def test_its_heads_are_wide_and_normed(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "qwen3"
    assert config.head_dim * config.num_attention_heads > config.hidden_size
    assert any("q_norm" in name for name, _ in model.net.named_parameters())


def test_its_file_is_larger_than_its_parameters() -> None:
    assert CARD.download_bytes > 2 * CARD.parameters
    assert not CARD.gated
