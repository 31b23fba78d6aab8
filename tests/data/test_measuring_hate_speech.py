"""Measuring Hate Speech: a subset of others' making, and the card says so."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.measuring_hate_speech import CARD, TABLE, load
from hatetinyllm.errors import FetchError


def test_rows_are_numbered_and_parted(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: 'text,label,split\n"@user we mock gr**p",1,train\nnice day,0,dev\nnice day,0,dev\n'})
    splits = load()
    assert [(example.id, example.label) for example in splits.train] == [("1", "hate")]
    assert [(example.id, example.label) for example in splits.dev] == [("2", "not_hate"), ("3", "not_hate")]


def test_the_traps_say_that_it_is_a_subset() -> None:
    assert CARD.traps[0].startswith("A subset")


def test_where_there_is_no_mirror_a_person_is_told_how_to_make_the_file() -> None:
    with pytest.raises(FetchError, match="efficient-low-resource-hate-detection@3228efa0"):
        load()


@pytest.mark.data
def test_the_real_file_has_the_rows_of_the_card(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"hate": 10_374, "not_hate": 10_318}, "dev": {"hate": 233, "not_hate": 267}}
