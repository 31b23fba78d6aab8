"""EDOS: sexism is hate against women, and its category is the type."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.edos import CARD, TABLE, load

ROWS = (
    "rewire_id,text,label_sexist,label_category,label_vector,split\n"
    "sexism2022_english-1,w**** should stay home,sexist,4. prejudiced discussions,4.2 supporting,train\n"
    'sexism2022_english-2,"I will find her",sexist,"1. threats, plans to harm and incitement",1.1 threats of harm,dev\n'
    "sexism2022_english-3,nice day,not sexist,none,none,test\n"
)


def test_sexism_gives_hate_a_type_and_a_target(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: ROWS})
    splits = load()
    assert splits.train[0].labels == {"hate": ("hate",), "type": ("prejudice",), "target": ("women",)}
    assert splits.dev[0].labels["type"] == ("threat",)
    assert splits.test[0].labels == {"hate": ("not_hate",), "type": (), "target": ()}
    assert splits.train[0].id == "sexism2022_english-1"
    assert "test: 1 rows, unverified: the card states none" in splits.notes


def test_the_traps_say_that_the_question_is_sexism() -> None:
    assert CARD.traps[0].startswith("The question is sexism")


@pytest.mark.data
def test_the_real_file_has_the_rows_of_the_card(real_data: Path) -> None:
    splits = load()
    assert len(list(splits.rows())) == 16_000
    assert count_labels(splits) == {"train": {"hate": 3_398, "not_hate": 10_602}, "dev": {"hate": 486, "not_hate": 1_514}}
    assert all(bool(example.labels["type"]) == (example.label == "hate") for example in splits.rows())
