"""SmolLM2-135M: a Llama with tied embeddings."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.smollm2_135m import CARD, load


def test_the_embeddings_are_the_output(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "llama"
    assert config.tie_word_embeddings
    assert (config.num_key_value_heads < config.num_attention_heads) is True


def test_it_is_free_and_of_this_size() -> None:
    assert CARD.commercial
    assert not CARD.gated
    assert (CARD.shape["hidden_size"], CARD.shape["num_hidden_layers"]) == (576, 30)
