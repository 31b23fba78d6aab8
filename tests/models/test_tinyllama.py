"""The paper's TinyLlama: grouped queries, and the early checkpoint by its commit."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.tinyllama import CARD, load


def test_its_heads_share_keys(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "llama"
    assert config.num_key_value_heads < config.num_attention_heads
    assert not config.tie_word_embeddings


def test_it_is_the_early_checkpoint() -> None:
    assert CARD.id == "PY007/TinyLlama-1.1B-step-50K-105b"
    assert CARD.parameters == 1_100_048_384  # the reference page's count
    assert any("105 billion" in note for note in CARD.notes)
