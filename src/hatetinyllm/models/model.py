"""A model: a net, its tokenizer, and how both were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from hatetinyllm.bundle import Base
from hatetinyllm.errors import ModelError
from hatetinyllm.models import MODELS, READOUTS
from hatetinyllm.models.card import card_of
from hatetinyllm.models.readout import Readout
from hatetinyllm.registry import find, home
from hatetinyllm.text.encode import Encoder
from hatetinyllm.types import Choice, Head


@dataclass(frozen=True, kw_only=True)
class Model:
    """A net and its tokenizer; `base` is where the weights came from, None for weights that have no other home."""

    net: Readout
    tokenizer: Tokenizer
    max_tokens: int  # the longest text the positions allow
    base: Base | None = None
    folder: Path | None = None  # the checkpoint it was read from
    notes: tuple[str, ...] = ()  # what its user must be told
    readout_learns: bool = True  # whether the rows of the readout are trained


def load_model(choice: Choice, n_labels: int) -> Model:
    """Make the chosen model with a fresh readout of so many labels."""
    model: Model = MODELS.get(choice.name)(n_labels, **choice.options)
    return model


def check_model(choice: Choice) -> None:
    """Refuse a model that this machine can tell will not load, before anything large is read or fetched."""
    if card := card_of(choice.name):
        find("hatetinyllm.models.known:check_known")(card, **choice.options)
    elif check := getattr(home(MODELS.place(choice.name)), "check", None):
        check(**choice.options)


def outline(choice: Choice, n_labels: int) -> Readout:
    """The same net on the meta device, from its configuration alone: shapes without numbers, however large it is."""
    if card := card_of(choice.name):
        net: Readout = find("hatetinyllm.models.known:outline_known")(card, n_labels, **choice.options)
        return net
    place = MODELS.place(choice.name)
    make = getattr(home(place), "outline", None)
    if make is None:
        hint = "give its file a `def outline(n_labels, *, ...) -> Readout` with the options of its load, or a CARD"
        raise ModelError(f"model {choice.name!r} has no outline: it must be loaded to know its shape", [hint])
    net = make(n_labels, **choice.options)
    return net


def with_readout(model: Model, heads: Sequence[Head], encoder: Encoder, choice: Choice) -> Model:
    """The model with the chosen readout; whether that learns is for the caller to see to, once the model is tuned."""
    made: Model = READOUTS.get(choice.name)(model, heads, encoder, **choice.options)
    return made
