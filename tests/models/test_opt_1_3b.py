"""OPT-1.3B: learnt positions, no safetensors on the hub, research only."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.opt_1_3b import CARD, load


def test_it_learns_its_positions(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "opt"
    assert "embed_positions" in {name.split(".")[2] for name, _ in model.net.named_parameters() if "decoder.embed" in name}
    assert model.base is not None
    assert model.base.licence == "apache-2.0"  # of the stand-in, which is the project's own


def test_it_is_pickled_and_for_research_alone() -> None:
    assert not CARD.safetensors
    assert not CARD.commercial
    assert CARD.parameters == 1_315_758_080  # the reference page's count
