"""Kin in different parts are known by every road, and the split that is left parts none."""

import numpy as np
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.neighbours import Pairs, joined
from hatetinyllm.evaluation.parted import LEFT_OUT, Across, families, leak_free
from hatetinyllm.evaluation.parts import read_part
from hatetinyllm.types import Example, Splits


def row(id: str, text: str, **more: object) -> Example:
    return Example(text=text, id=id, labels={"hate": ("hate",)}, **more)  # type: ignore[arg-type]


SPLITS = Splits(
    name="made-up",
    train=(row("a", "one two three four"), row("b", "rain again"), row("c", "partner", partners=("y",)), row("d", "alone here")),
    dev=(row("k", "something of its own"), row("l", "rain  AGAIN")),
    test=(row("x", "one two three fours"), row("y", "another word"), row("z", "quite apart")),
)
NEAR = {("train", "test"): ([0], [0])}


def across(splits: Splits = SPLITS) -> tuple[Across, ...]:
    parts = {name: read_part(splits, name) for name in ("train", "dev", "test") if splits.part(name)}
    found = []
    for earlier, later in (("train", "dev"), ("train", "test"), ("dev", "test")):
        if earlier in parts and later in parts:
            asked, rows = NEAR.get((earlier, later), ([], []))
            near = Pairs(queries=np.array(asked, dtype=int), rows=np.array(rows, dtype=int), cosine=np.ones(len(rows), dtype="f"))
            found.append(Across(earlier=parts[earlier], later=parts[later], near=near if asked else joined([])))
    return tuple(found)


@pytest.mark.parametrize("kin_rows", [0, 100])
def test_partners_equal_and_near_texts_are_kin_however_they_are_looked_for(kin_rows: int) -> None:
    kin = families(SPLITS, across(), floor=0.7, kin_rows=kin_rows)
    assert kin.of["c"] == kin.of["y"]
    assert kin.of["b"] == kin.of["l"]
    assert kin.of["a"] == kin.of["x"]
    assert len({kin.of[name] for name in "abcdkz"}) == 6
    assert kin.complete == (kin_rows == 100)
    assert ("across parts" in kin.how) != kin.complete


def test_near_pairs_are_kin_from_the_floor_on() -> None:
    assert families(SPLITS, across(), floor=0.7, kin_rows=0).of["a"] == families(SPLITS, across(), floor=0.7, kin_rows=0).of["x"]
    above = families(SPLITS, across(), floor=1.1, kin_rows=0)
    assert above.of["a"] != above.of["x"]


def test_rows_that_were_left_out_still_link_their_kin() -> None:
    whole = Splits(name="m", train=(row("a", "1"), row("left", "2", partners=("a", "x"))), test=(row("x", "3"),))
    kin = families(whole, (), floor=0.7)
    assert kin.of["a"] == kin.of["x"]


def test_equal_texts_are_kin_though_every_group_is_recorded() -> None:
    splits = Splits(name="m", train=(row("a", "rain", group="1"),), test=(row("x", "Rain", group="2"), row("y", "", group="3")))
    kin = families(splits, across(splits), floor=0.7)
    assert kin.of["a"] == kin.of["x"] != kin.of["y"]


@pytest.mark.parametrize("kin_rows", [0, 100])
def test_what_is_left_parts_no_kin_and_keeps_test_whole(kin_rows: int) -> None:
    kin = families(SPLITS, across(), floor=0.7, kin_rows=kin_rows)
    place = leak_free(SPLITS, kin)
    assert place == {
        **dict.fromkeys("abc", LEFT_OUT),
        "d": "train",
        **dict.fromkeys("kl", "dev"),
        **dict.fromkeys("xyz", "test"),
    }


def test_dev_leaves_out_kin_of_test_and_train_is_free_of_their_kin_alone() -> None:
    splits = Splits(
        name="m",
        train=(row("a", "1", group="dev"), row("b", "2", group="own")),
        dev=(row("k", "3", group="test"), row("l", "4", group="dev")),
        test=(row("x", "5", group="test"),),
    )
    assert leak_free(splits, families(splits, (), floor=0.7)) == {
        "x": "test",
        "k": LEFT_OUT,
        "l": "dev",
        "a": LEFT_OUT,
        "b": "train",
    }


def test_a_part_that_would_be_empty_is_an_error() -> None:
    splits = Splits(name="m", train=(row("a", "1", group="g"),), test=(row("x", "2", group="g"),))
    with pytest.raises(DataError, match="too little is left") as error:
        leak_free(splits, families(splits, (), floor=0.7))
    assert "train: all 1 rows are kin of a later part" in str(error.value)
