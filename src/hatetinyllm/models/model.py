"""A model: a net, its tokenizer, and how both were made."""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from hatetinyllm.bundle import Base
from hatetinyllm.models import MODELS
from hatetinyllm.models.readout import Readout
from hatetinyllm.types import Choice


@dataclass(frozen=True, kw_only=True)
class Model:
    """A net and its tokenizer; `base` is where the weights came from, None for weights that have no other home."""

    net: Readout
    tokenizer: Tokenizer
    max_tokens: int  # the longest text the positions allow
    base: Base | None = None
    folder: Path | None = None  # the checkpoint it was read from


def load_model(choice: Choice, n_labels: int) -> Model:
    """Make the chosen model with a fresh readout of so many labels."""
    model: Model = MODELS.get(choice.name)(n_labels, **choice.options)
    return model
