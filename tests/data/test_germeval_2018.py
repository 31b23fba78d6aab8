"""GermEval-2018: line breaks restored, quotation marks kept, ABUSE is hate."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.germeval_2018 import TEST, TRAIN, load

ROWS = (
    '@a "Alle gr**p|LBR|sollen gehen &amp; zwar\tOFFENSE\tABUSE\n'
    "du t**l\tOFFENSE\tINSULT\n"
    "verd***t\tOFFENSE\tPROFANITY\n"
    "schöner Tag\tOTHER\tOTHER\n"
)


def test_only_abuse_is_hate_and_all_three_are_offensive(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: ROWS})
    train = load().train
    assert [(row.labels["offence"], row.label) for row in train] == [
        (("offensive",), "hate"),
        (("offensive",), "not_hate"),
        (("offensive",), "not_hate"),
        (("not_offensive",), "not_hate"),
    ]


def test_a_lone_quotation_mark_stays_and_a_line_break_comes_back(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: ROWS})
    first = load().train[0]
    assert first.text == '@a "Alle gr**p\nsollen gehen &amp; zwar'
    assert (first.id, first.language, first.line) == ("train-1", "de", 1)


def test_the_test_part_is_loaded_where_it_is_there(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: ROWS, TEST.path: "guten Morgen\tOTHER\tOTHER\n"})
    splits = load()
    assert [row.id for row in splits.test] == ["test-1"]
    assert "test: 1 rows, unverified: the card states none" in splits.notes


@pytest.mark.data
def test_the_real_file_has_5009_tweets(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"not_offensive": 3_321, "offensive": 1_688}}
    assert sum(row.label == "hate" for row in splits.train) == 1_022
    assert sum("\n" in row.text for row in splits.train) == 938
    assert not any("|LBR|" in row.text for row in splits.train)
