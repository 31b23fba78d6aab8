"""Load a registered dataset by name, once its licence was agreed to."""

import os
from collections.abc import Iterator
from contextlib import nullcontext

from hatetinyllm.data import DATASETS
from hatetinyllm.data.cache import consents, record_consent
from hatetinyllm.data.card import Card
from hatetinyllm.data.download import Progress
from hatetinyllm.data.fetch import watched
from hatetinyllm.data.licence import licence
from hatetinyllm.errors import LicenceError
from hatetinyllm.registry import home
from hatetinyllm.types import Splits


def load_dataset(name: str, *, on_progress: Progress | None = None, **options: object) -> Splits:
    """The splits of a dataset as its source has them; downloads are told to `on_progress`."""
    load = DATASETS.get(name)
    card = card_of(name)
    if card is not None:
        require_consent(card)
    with watched(on_progress) if on_progress else nullcontext():
        splits: Splits = load(**options)
    return splits


def card_of(name: str) -> Card | None:
    """A dataset's card; a user's own table has none."""
    card: Card | None = getattr(home(DATASETS.place(name)), "CARD", None)
    return card


def cards() -> Iterator[Card]:
    """The cards of all registered datasets, by name."""
    for name in DATASETS:
        if card := card_of(name):
            yield card


def consent_missing(card: Card) -> bool:
    """The licence asks for consent, and the user did not give it: neither on this machine nor by HATETINYLLM_ACCEPT."""
    accepted = os.environ.get("HATETINYLLM_ACCEPT", "").replace(",", " ").split()
    if licence(card.licence).commercial or card.name in accepted:
        return False
    return consents().get(card.name) != card.licence


def require_consent(card: Card) -> None:
    """Refuse a non-commercial dataset until the user agreed; once is enough, until its licence changes."""
    if not consent_missing(card):
        return
    asked = licence(card.licence)
    raise LicenceError(
        f"{card.name} is under {asked.name}: no commercial use, and none of what is trained on it",
        [
            f"read {asked.url or card.source}",
            f"agree by `hatetinyllm data accept {card.name}`, or HATETINYLLM_ACCEPT={card.name}",
        ],
    )


def give_consent(name: str) -> Card:
    """Record that the user agrees to a dataset's licence, so that nobody asks again; returns the card agreed to."""
    card = card_of(name)
    if card is None:
        raise LicenceError(f"{name} is your own data: there is no licence to agree to")
    record_consent(card.name, card.licence)
    return card
