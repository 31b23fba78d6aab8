"""Load a registered dataset by name, once its licence was agreed to."""

import os
from collections.abc import Iterator
from importlib import import_module

from hatetinyllm.data import DATASETS
from hatetinyllm.data.cache import consents
from hatetinyllm.data.card import Card
from hatetinyllm.data.licence import LICENCES
from hatetinyllm.errors import LicenceError
from hatetinyllm.types import Splits


def load_dataset(name: str, **options: object) -> Splits:
    """The splits of a dataset as its source has them."""
    load = DATASETS.get(name)
    card = card_of(name)
    if card is not None:
        require_consent(card)
    splits: Splits = load(**options)
    return splits


def card_of(name: str) -> Card | None:
    """A dataset's card; a user's own table has none."""
    module = import_module(DATASETS.place(name).partition(":")[0])
    card: Card | None = getattr(module, "CARD", None)
    return card


def cards() -> Iterator[Card]:
    """The cards of all registered datasets, by name."""
    for name in DATASETS:
        if card := card_of(name):
            yield card


def require_consent(card: Card) -> None:
    """Refuse a non-commercial dataset until the user agreed, once, on this machine or by HATETINYLLM_ACCEPT."""
    licence = LICENCES[card.licence]
    accepted = os.environ.get("HATETINYLLM_ACCEPT", "").replace(",", " ").split()
    if licence.commercial or card.name in accepted or card.name in consents():
        return
    raise LicenceError(
        f"{card.name} is under {licence.name}: no commercial use, and none of what is trained on it",
        [f"read {licence.url or card.source}", f"agree by `hatetinyllm data accept {card.name}`, or HATETINYLLM_ACCEPT={card.name}"],
    )
