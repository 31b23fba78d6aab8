"""Every card is complete, agrees with itself, and can be listed without torch."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from hatetinyllm.data.licence import LICENCES
from hatetinyllm.errors import UnknownName
from hatetinyllm.models import MODELS
from hatetinyllm.models.card import ModelCard, card_of, cards

KNOWN = sorted(set(MODELS) - {"builtin", "hub", "scratch"})


def test_every_model_has_a_card_but_those_whose_shape_is_the_users() -> None:
    assert sorted(card.name for card in cards()) == KNOWN
    assert card_of("hub") is None
    assert card_of("scratch") is None
    sizes = [card.parameters for card in cards()]
    assert sizes == sorted(sizes)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownName, match="did you mean 'phi-2'"):
        card_of("phi2")


@pytest.mark.parametrize("name", KNOWN)
def test_a_card_agrees_with_itself(card: Callable[[str], ModelCard], name: str) -> None:
    known = card(name)
    assert known.name == name
    assert known.commercial == LICENCES[known.licence].commercial
    assert known.revision is None or re.fullmatch("[0-9a-f]{40}", known.revision)
    assert known.max_tokens == known.shape["max_position_embeddings"]
    assert known.page.endswith(f"/{known.id}")
    assert 2 * known.parameters <= known.download_bytes < 4.01 * known.parameters  # stored in two or four bytes


@pytest.mark.parametrize("name", KNOWN)
def test_the_parameters_of_a_card_are_those_of_its_shape(
    card: Callable[[str], ModelCard], counted: Callable[[ModelCard], int], name: str
) -> None:
    assert counted(card(name)) == card(name).parameters


def test_no_two_cards_are_of_one_checkpoint() -> None:
    found = [(card.id, card.revision) for card in cards()]
    assert len(set(found)) == len(found) == len(KNOWN)


def test_listing_the_cards_loads_no_heavy_module() -> None:
    look = "import sys; from hatetinyllm.models.card import cards; assert list(cards()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "huggingface_hub", "numpy"} & set(done.stdout.split())
