"""A model is made by name, with the options of its choice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hatetinyllm.errors import UnknownName
from hatetinyllm.models import MODELS
from hatetinyllm.models.model import load_model
from hatetinyllm.types import Choice


def test_every_name_makes_a_model(checkpoint: Callable[[str], Path]) -> None:
    options = {"scratch": {"layers": 1, "width": 32}, "hub": {"id": str(checkpoint("Llama"))}}
    assert set(options) == set(MODELS)
    for name in MODELS:
        model = load_model(Choice(name=name, options=options[name]), 3)
        assert model.net.score.out_features == 3
        assert model.tokenizer.get_vocab_size() > 0


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownName, match="did you mean 'scratch'"):
        load_model(Choice(name="scrach"), 2)
