"""Pythia-160M: parallel blocks, a quarter of each head turned, an output matrix of its own."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.pythia_160m import CARD, load


def test_a_quarter_of_each_head_is_turned(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "gpt_neox"
    assert config.rope_parameters["partial_rotary_factor"] == 0.25
    assert config.use_parallel_residual
    assert not config.tie_word_embeddings


def test_it_is_free_and_of_this_size() -> None:
    assert CARD.commercial
    sizes = [CARD.shape[key] for key in ("hidden_size", "num_hidden_layers", "num_attention_heads")]
    assert sizes == [768, 12, 12]
