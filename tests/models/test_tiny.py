"""A tiny checkpoint has the architecture of its card, and padding never matters in it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from hatetinyllm.models import MODELS
from hatetinyllm.models.card import ModelCard
from hatetinyllm.models.model import load_model
from hatetinyllm.models.output import output_of
from hatetinyllm.models.readout import logits_of
from hatetinyllm.models.tiny import write_tiny
from hatetinyllm.types import Choice

KNOWN = sorted(set(MODELS) - {"builtin", "hub", "scratch"})
LONG, SHORT = list(range(5, 45)), [7, 8, 9]  # the long one reaches over the sliding windows


@torch.inference_mode()
@pytest.mark.parametrize("name", KNOWN)
def test_every_model_is_read_by_its_own_name(tiny: Callable[[str], Path], name: str) -> None:
    model = load_model(Choice(name=name, options={"path": str(tiny(name))}), 3)
    apart = torch.cat([logits_of(model.net, [LONG]), logits_of(model.net, [SHORT])])
    assert torch.allclose(logits_of(model.net, [LONG, SHORT]), apart, atol=1e-6)
    assert apart.shape == (2, 3)
    theirs = AutoModelForCausalLM.from_pretrained(tiny(name)).eval()(input_ids=torch.tensor([LONG])).logits
    hidden = model.net.eval().decoder(input_ids=torch.tensor([LONG])).last_hidden_state
    assert torch.allclose(output_of(model)(hidden), theirs, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tinyllama", {"num_key_value_heads": 2}),
        ("smollm2-1.7b", {"num_key_value_heads": 4}),
        ("mistral-7b", {"num_key_value_heads": 2, "sliding_window": 16}),
        ("opt-1.3b", {"word_embed_proj_dim": 64, "ffn_dim": 128}),
        ("qwen3-0.6b", {"head_dim": 32}),
        ("gemma-3-270m", {"num_key_value_heads": 1, "layer_types": ["sliding_attention", "full_attention"]}),
    ],
)
def test_what_makes_an_architecture_stays(tiny: Callable[[str], Path], name: str, expected: dict[str, object]) -> None:
    config = json.loads((tiny(name) / "config.json").read_text(encoding="utf-8"))
    assert {key: config[key] for key in expected} == expected
    assert config["num_hidden_layers"] == 2


def test_phi_still_turns_a_part_of_each_head(tiny: Callable[[str], Path]) -> None:
    config = json.loads((tiny("phi-2") / "config.json").read_text(encoding="utf-8"))
    assert config["rope_parameters"]["partial_rotary_factor"] == 0.4


def test_the_same_seed_gives_the_same_weights(tmp_path: Path, card: Callable[[str], ModelCard]) -> None:
    first, again, other = (
        load_file(write_tiny(tmp_path / str(index), card("pythia-70m"), seed=seed) / "model.safetensors")
        for index, seed in enumerate((0, 0, 1))
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_the_folder_is_laid_out_as_on_the_hub(tiny: Callable[[str], Path]) -> None:
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {path.name for path in tiny("opt-1.3b").iterdir()}
