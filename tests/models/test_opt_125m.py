"""OPT-125M: its family's shape, pickled, research only."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.opt_125m import CARD, load


def test_the_net_is_an_opt(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "opt"
    assert config.word_embed_proj_dim == model.net.score.in_features


def test_it_is_pickled_and_for_research_alone() -> None:
    assert not CARD.safetensors
    assert not CARD.commercial
    assert CARD.shape["hidden_size"] == 768
