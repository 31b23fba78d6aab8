"""Phi-2: parallel blocks with biases, and a part of each head turned."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.phi_2 import CARD, load


def test_a_part_of_each_head_is_turned(tiny: Callable[[str], Path]) -> None:
    model = load(2, path=str(tiny(CARD.name)))
    config = model.net.config
    assert config.model_type == "phi"
    assert config.rope_parameters["partial_rotary_factor"] == 0.4
    assert model.net.decoder.layers[0].self_attn.k_proj.bias is not None


def test_it_is_the_larger_phi() -> None:
    assert (CARD.shape["num_hidden_layers"], CARD.shape["hidden_size"]) == (32, 2560)
    assert CARD.parameters == 2_779_683_840  # the reference page's count
    assert any("phi-1.5" in note for note in CARD.notes)
