"""TinyLlama at the end: the same shape as the early one, other weights."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.tinyllama import CARD as EARLY
from hatetinyllm.models.tinyllama_3t import CARD, load


def test_its_heads_share_keys(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "llama"
    assert config.num_key_value_heads < config.num_attention_heads


def test_only_its_weights_differ_from_the_early_one() -> None:
    assert CARD.shape == EARLY.shape
    assert (CARD.id, CARD.revision) != (EARLY.id, EARLY.revision)
