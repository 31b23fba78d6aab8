"""Davidson: three classes answer two questions, and texts stay as they are."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.davidson import TABLE, load

ROWS = (
    ",count,hate_speech,offensive_language,neither,class,tweet\n"
    "0,3,3,0,0,0,I can't stand gr**p\n"
    '1,3,0,3,0,1,"RT @user: d**n\nrain &amp; wind"\n'
    "4,3,0,0,3,2,nice day\n"
)


def test_hate_and_offence_are_two_questions(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: ROWS})
    hate, offensive, neither = load().train
    assert hate.labels == {"hate": ("hate",), "offence": ("offensive",), "toxicity": ("toxic",)}
    assert offensive.labels == {"hate": ("not_hate",), "offence": ("offensive",), "toxicity": ("toxic",)}
    assert neither.labels == {"hate": ("not_hate",), "offence": ("not_offensive",), "toxicity": ("not_toxic",)}
    assert offensive.text == "RT @user: d**n\nrain &amp; wind"
    assert (neither.id, neither.line) == ("4", 5)


@pytest.mark.data
def test_the_real_file_has_the_rows_of_the_card(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"hate": 1_430, "not_hate": 23_353}}
    offensive = sum(example.labels["offence"] == ("offensive",) for example in splits.train)
    assert (offensive - 1_430, len(splits.train) - offensive) == (19_190, 4_163)
    assert sum("\n" in example.text for example in splits.train) == 917
