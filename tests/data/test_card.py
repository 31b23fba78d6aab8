"""A card of many languages gives the card of one."""

from dataclasses import replace

from hatetinyllm.data.hateval import CARD


def test_the_card_of_one_language_has_its_parts_alone() -> None:
    card = CARD.only("es")
    assert card.languages == ("es",)
    assert set(card.counts) == {"train", "dev"}
    assert card.rows == 5_000
    assert replace(card, languages=CARD.languages, counts=CARD.counts) == CARD
