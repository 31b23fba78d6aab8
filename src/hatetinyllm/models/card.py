"""
What a known model says of itself: where it is, which revision, licence, size and shape. Data only; no torch.

A model with a card lives in a file of its own that imports this one and nothing heavy, so that a list of them is quick.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatetinyllm.models import MODELS
from hatetinyllm.registry import home


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """A checkpoint on the hub in its publisher's words, and the shape it is built from."""

    name: str
    id: str  # on the hub
    revision: str | None  # the commit that is meant; None is recorded when it is first loaded
    licence: str  # an id of data/licence.py
    commercial: bool
    gated: bool  # its publisher asks for an agreement, and the hub for a key
    parameters: int  # with the output matrix, and one that is tied to the embeddings counted once
    download_bytes: int  # of its weights
    safetensors: bool  # False: that revision has pickled weights alone
    max_tokens: int
    shape: Mapping[str, Any]  # of the configuration, with its `model_type`
    notes: tuple[str, ...] = ()  # what a user would stumble on

    @property
    def page(self) -> str:
        """Where people read about it and agree to its terms."""
        return f"https://huggingface.co/{self.id}"


def card_of(name: str) -> ModelCard | None:
    """A model's card; what is read from a folder or made from random numbers has none, and is not imported."""
    place = MODELS.place(name)
    module = find_spec(place.partition(":")[0])
    if module is None or module.origin is None:
        return None
    source = Path(module.origin).read_text(encoding="utf-8")
    return getattr(home(place), "CARD", None) if re.search(r"^CARD\b", source, re.MULTILINE) else None


def cards() -> Iterator[ModelCard]:
    """The cards of all known models, the smallest first."""
    found = [card for name in MODELS if (card := card_of(name))]
    yield from sorted(found, key=lambda card: (card.parameters, card.name))
