"""A model is made by name, with the options of its choice, and its outline has the same shape without numbers."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from hatetinyllm.errors import ModelError, UnknownName
from hatetinyllm.models import MODELS
from hatetinyllm.models.card import card_of
from hatetinyllm.models.model import load_model, outline
from hatetinyllm.registry import Table
from hatetinyllm.types import Choice


def choices(checkpoint: Callable[[str], Path], tiny: Callable[[str], Path]) -> list[Choice]:
    """Every registered model with options that need no download."""
    own = {"scratch": {"layers": 1, "width": 32}, "hub": {"id": str(checkpoint("Llama"))}, "builtin": {}}
    known = {name: {"path": str(tiny(name))} for name in MODELS if card_of(name)}
    assert {*own, *known} == set(MODELS)
    return [Choice(name=name, options=options) for name, options in {**own, **known}.items()]


def test_every_name_makes_a_model_and_its_outline(
    checkpoint: Callable[[str], Path], tiny: Callable[[str], Path], built_in: Path
) -> None:
    for choice in choices(checkpoint, tiny):
        model = load_model(choice, 3)
        assert model.net.score.out_features == 3
        assert model.tokenizer.get_vocab_size() > 0
        empty = outline(choice, 3)
        assert {tensor.device.type for tensor in empty.parameters()} == {"meta"}
        assert [(name, tensor.shape) for name, tensor in empty.named_parameters()] == [
            (name, tensor.shape) for name, tensor in model.net.named_parameters()
        ], choice.name


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownName, match="did you mean 'scratch'"):
        load_model(Choice(name="scrach"), 2)
    with pytest.raises(UnknownName, match="did you mean 'scratch'"):
        outline(Choice(name="scrach"), 2)


def test_a_model_of_a_plugin_without_an_outline_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bare_model.py").write_text("def load(n_labels):\n    return None\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("hatetinyllm.models.model.MODELS", Table("model", {"bare": "bare_model:load"}))
    monkeypatch.setattr("hatetinyllm.models.card.MODELS", Table("model", {"bare": "bare_model:load"}))
    with pytest.raises(ModelError, match="'bare' has no outline") as caught:
        outline(Choice(name="bare"), 2)
    assert "def outline" in caught.value.problems[0]
    assert isinstance(sys.modules.pop("bare_model"), ModuleType)
