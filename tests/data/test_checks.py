"""Counts against the card: wrong ones are an error in the source's own bytes, and a note elsewhere."""

from dataclasses import replace
from pathlib import Path

import pytest

from hatetinyllm.data.checks import checked_splits, digest_part, digest_rows
from hatetinyllm.data.fetch import Fetched
from hatetinyllm.data.stormfront import CARD
from hatetinyllm.errors import DataError
from hatetinyllm.types import Example, Splits

OWN = Fetched(path=Path("a.csv"), sha256="0", exact=True)
VARIANT = Fetched(path=Path("b.csv"), sha256="1", exact=False, note="b.csv: a variant")
SMALL = replace(CARD, counts={"train": {"hate": 1}})


def rows(*labels: str, start: int = 0) -> list[Example]:
    return [Example(text="gr**p", id=str(start + n), labels={"hate": (label,)}) for n, label in enumerate(labels)]


def test_counts_that_agree_leave_no_note() -> None:
    assert checked_splits(SMALL, {"a.csv": OWN}, train=rows("hate")).notes == ()


def test_counts_that_differ_in_the_sources_own_bytes_are_an_error_with_all_of_them() -> None:
    with pytest.raises(DataError) as caught:
        checked_splits(SMALL, {"a.csv": OWN}, train=rows("hate", "hate", "not_hate"))
    assert caught.value.problems == (
        "train: 2 rows are hate, the card states 1",
        "train: 1 rows are not_hate, the card states 0",
    )


def test_counts_that_differ_in_a_variant_are_notes() -> None:
    splits = checked_splits(SMALL, {"a.csv": OWN, "b.csv": VARIANT})
    assert splits.notes == ("b.csv: a variant", "train: 0 rows are hate, the card states 1")


def test_a_file_that_is_not_here_and_a_part_without_a_count_are_notes() -> None:
    splits = checked_splits(SMALL, {"a.csv": OWN, "c.csv": None}, train=rows("hate"), test=rows("hate", start=5))
    assert splits.files == {"a.csv": "0"}
    assert splits.notes == (
        "c.csv: not here, so what it holds is left out",
        "test: 1 rows, unverified: the card states none",
    )


def test_counts_of_an_unverified_card_are_never_an_error() -> None:
    splits = checked_splits(replace(SMALL, verified=False), {"a.csv": OWN})
    assert splits.notes[-1] == "stormfront: the card's counts are unverified"


def test_a_label_of_no_scheme_and_two_answers_to_one_question_are_errors() -> None:
    wrong = Example(text="gr**p", id="1", labels={"hate": ("hate", "not_hate"), "mood": ("bad",)})
    with pytest.raises(DataError) as caught:
        checked_splits(SMALL, {"a.csv": OWN}, train=[wrong])
    assert caught.value.problems == (
        "row 1: hate has one answer, got hate, not_hate",
        "row 1: there is no scheme 'mood'",
    )


def test_the_digest_of_a_part_speaks_of_that_part_alone() -> None:
    splits = Splits(name="mine", train=tuple(rows("hate")), dev=tuple(rows("hate", start=1)))
    moved = replace(splits, train=(), test=splits.train)
    assert digest_part(splits, "dev") == digest_part(moved, "dev") == digest_rows(Splits(name="other", dev=splits.dev))
    assert digest_part(splits, "dev") != digest_part(replace(splits, dev=tuple(rows("not_hate", start=1))), "dev")
