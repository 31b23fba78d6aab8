"""Known models without their weights: tiny checkpoints of their architectures, their sizes, and a machine that has none."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from hatetinyllm.models.card import ModelCard, card_of
from hatetinyllm.models.known import configuration
from hatetinyllm.models.tiny import write_tiny


@pytest.fixture(autouse=True)
def no_downloads(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache is empty, whatever the developer has."""
    folder = tmp_path_factory.mktemp("hub")
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def card() -> Callable[[str], ModelCard]:
    """The card of a known model by its name."""

    def find(name: str) -> ModelCard:
        found = card_of(name)
        assert found is not None
        return found

    return find


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, card: Callable[[str], ModelCard]) -> Callable[[str], Path]:
    """Gives a tiny checkpoint of a known model's architecture."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            made[name] = write_tiny(tmp_path_factory.mktemp("tiny") / name, card(name))
        return made[name]

    return make


@pytest.fixture(scope="session")
def counted() -> Callable[[ModelCard], int]:
    """Counts the parameters of a card's shape on the meta device, the tied output matrix once."""

    def count(card: ModelCard) -> int:
        with torch.device("meta"):
            net = AutoModelForCausalLM.from_config(configuration(card))
        net.tie_weights()
        return sum(parameter.numel() for parameter in net.parameters())

    return count
