"""The built-in decoder is a beginning like any other: a fresh readout, and adapters that name it by its word."""

from pathlib import Path

import pytest
import torch

from hatetinyllm.bundle import read_bundle
from hatetinyllm.errors import BundleError
from hatetinyllm.inference.detector import Detector
from hatetinyllm.models.builtin import check, load
from hatetinyllm.models.weights import read_net
from hatetinyllm.training.follow import train

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def test_the_decoder_is_the_bundles_and_the_readout_is_fresh(built_in: Path) -> None:
    model, whole = load(3), read_net(built_in, 2)
    assert model.net.score.weight.shape == (3, 16)
    assert model.max_tokens == 64
    for name, parameter in whole.decoder.named_parameters():
        assert parameter.dtype is torch.float32
        assert torch.equal(model.net.decoder.get_parameter(name), parameter), name


def test_an_adapter_over_it_names_it_by_its_word(built_in: Path, tmp_path: Path) -> None:
    recipe = {
        "data": {"name": "demo"},
        "split": {"name": "official"},
        "text": {"max_tokens": 32, "overlap_tokens": 8},
        "model": {"name": "builtin"},
        "tuning": {"name": "lora", "rank": 2},
        "train": {"epochs": 1, "batch_size": 64, "device": "cpu"},
    }
    bundle = train(recipe, tmp_path / "run").bundle
    assert bundle.manifest.base is not None
    assert bundle.manifest.base.source == "builtin"
    assert 0 <= Detector.open(read_bundle(bundle.folder).folder).scores(["they are here"])[0] <= 1


def test_without_one_it_is_refused_before_anything_is_read(no_built_in: None) -> None:
    for ask in (check, lambda: load(2)):
        with pytest.raises(BundleError, match="no built-in model"):
            ask()
