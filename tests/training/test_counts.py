"""What learns is counted exactly, as the paper's page has it worked out, and named."""

import pytest
import torch

from hatetinyllm.models import MODELS
from hatetinyllm.models.card import card_of
from hatetinyllm.models.model import outline
from hatetinyllm.training.counts import Counts, count, shape_of
from hatetinyllm.tuning import TUNINGS
from hatetinyllm.tuning.tune import tune
from hatetinyllm.types import Choice

KNOWN = [name for name in MODELS if card_of(name)]
PAPER = {"rank": 2, "alpha": 16, "dropout": 0.05, "layers": ("k_proj", "v_proj")}


def counted(model: str, tuning: str, **options: object) -> Counts:
    net = outline(Choice(name=model, options={}), 2)
    shape = shape_of(net)
    with torch.device("meta"):
        return count(shape, tune(net, Choice(name=tuning, options=options)).net)


@pytest.mark.parametrize(
    ("model", "adapter", "total", "share", "causal_share"),
    [
        ("tinyllama", 202_752, 206_848, "0.0200", "0.0184"),
        ("phi-2", 655_360, 660_480, "0.0249", "0.0236"),
        ("opt-1.3b", 393_216, 397_312, "0.0302", "0.0299"),
    ],
)
def test_the_papers_lora_has_the_weights_and_shares_of_its_table(
    model: str, adapter: int, total: int, share: str, causal_share: str
) -> None:
    counts = counted(model, "lora", **PAPER)
    assert (counts.adapter, counts.decoder, counts.total) == (adapter, 0, total)
    assert counts.causal_share is not None
    assert (f"{100 * counts.share:.4f}", f"{100 * counts.causal_share:.4f}") == (share, causal_share)
    assert [(layer.name, layer.times) for layer in counts.layers] == [
        ("self_attn.k_proj", counts.blocks),
        ("self_attn.v_proj", counts.blocks),
    ]


@pytest.mark.parametrize(
    ("model", "narrow", "wide"),
    [("tinyllama", 450_648, 11_627_264), ("phi-2", 819_328, 21_139_456), ("opt-1.3b", 491_616, 12_684_288)],
)
def test_houlsby_adapters_have_the_weights_worked_out_by_hand(model: str, narrow: int, wide: int) -> None:
    assert counted(model, "houlsby", bottleneck=2).adapter == narrow
    assert counted(model, "houlsby", bottleneck=64).adapter == wide


@pytest.mark.parametrize("model", KNOWN)
def test_every_known_model_is_counted_as_its_card_has_it(model: str) -> None:
    card = card_of(model)
    assert card is not None
    assert shape_of(outline(Choice(name=model, options={}), 2)).causal_weights == card.parameters


@pytest.mark.parametrize("tuning", sorted(TUNINGS))
def test_every_tuning_is_counted_and_its_layers_named(tuning: str) -> None:
    counts = counted("opt-125m", tuning)
    assert counts.readout == 2 * 768
    assert sum(layer.weights for layer in counts.layers) == counts.adapter + counts.decoder
    assert all(0 < layer.times <= counts.blocks for layer in counts.layers)
    assert (counts.share == 1) == (tuning == "full")


def test_weights_of_the_decoder_are_told_from_added_ones() -> None:
    counts = counted("opt-125m", "houlsby", bottleneck=2, norms=True)
    norms = 768 * 2 * (12 * 2 + 1)  # two in each of twelve blocks, and the last one
    assert counts.decoder == norms
    assert counts.net == 125_239_296 + 1536 + counts.adapter


def test_nothing_is_held_in_memory() -> None:
    net = outline(Choice(name="mistral-7b", options={}), 2)
    assert {parameter.device.type for parameter in net.parameters()} == {"meta"}
