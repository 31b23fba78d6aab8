"""Kin: what is recorded, what is alike, and what is kin through others; the quick search finds what a full one finds."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.data import kin
from hatetinyllm.data.dynahate import load
from hatetinyllm.data.kin import alike_to, find_kin, near_pairs, weigh
from hatetinyllm.errors import DataError
from hatetinyllm.types import Example

WORDS = ["we", "cannot", "stand", "welcome", "the", "gr**p", "from", "over", "there", "today", "folk", "parade", "xq", "zv", "jk"]
texts_of_words = st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), max_size=30)


def rows(*texts: str) -> list[Example]:
    return [Example(text=text, id=str(index)) for index, text in enumerate(texts)]


def partition(examples: Sequence[Example], groups: Sequence[int]) -> set[frozenset[str]]:
    together: dict[int, set[str]] = {}
    for example, group in zip(examples, groups, strict=True):
        together.setdefault(group, set()).add(example.id)
    return {frozenset(ids) for ids in together.values()}


def found(texts: Sequence[str], threshold: float) -> set[tuple[int, int]]:
    return {(low, high) for block in near_pairs(weigh(texts), threshold) for low, high in block.tolist()}


def all_pairs(texts: Sequence[str], threshold: float) -> set[tuple[int, int]]:
    """Every pair of texts, compared in full."""
    vectors = weigh(texts)
    cosines = (vectors.rows @ vectors.rows.T).toarray()
    near = (cosines >= threshold - 1e-9) & (cosines * np.outer(vectors.kept, vectors.kept) >= threshold / 2 - 1e-9)
    return {(int(low), int(high)) for low, high in zip(*np.nonzero(np.triu(near, 1)), strict=True)}


def test_partners_and_groups_are_kin_and_so_are_their_kin() -> None:
    one, two, three, four, five = rows("a", "b", "c", "d", "e")
    linked = [replace(one, partners=("2", "gone")), two, replace(three, group="g"), replace(four, group="g"), five]
    told = find_kin(linked, near_duplicates="never")
    assert told.groups == (0, 1, 0, 0, 2)
    assert told.how == "kin by recorded groups and recorded partners"


def test_nothing_recorded_makes_no_kin_unless_texts_are_compared() -> None:
    same = rows("we welcome the folk", "We  welcome the folk ", "nobody came today")
    assert find_kin(same, near_duplicates="never").groups == (0, 1, 2)
    assert find_kin(same, near_duplicates="never").how == "no kin recorded"
    assert find_kin(same, threshold=0.8).groups == (0, 0, 1)
    assert find_kin(same, threshold=0.8).how == "kin by character cosine from 0.8"


def test_texts_are_compared_where_one_row_lacks_a_group_or_where_asked() -> None:
    grouped = [replace(row, group=row.id) for row in rows("we welcome the folk", "we welcome the folk", "nobody came")]
    assert find_kin(grouped).groups == (0, 1, 2)
    assert find_kin(grouped, near_duplicates="always").groups == (0, 0, 1)
    assert find_kin([*grouped[:2], replace(grouped[2], group=None)]).groups == (0, 0, 1)


def test_texts_that_differ_in_a_link_alone_are_kin() -> None:
    texts = [
        "we cannot stand the gr**p from over there http://a.b/Qz8K",
        "we cannot stand the gr**p from over there http://a.b/W1xv",
    ]
    filler = [f"the {word} parade came over today, we all went there to see them all" for word in WORDS]
    told = find_kin(rows(*texts, *filler), threshold=0.9)
    assert told.groups[0] == told.groups[1] != told.groups[2]


def test_a_shared_word_makes_no_kin_in_a_small_table_where_all_other_words_are_single() -> None:
    assert find_kin(rows("folk sang", "folk ran away", "a quiet mountain lake")).groups == (0, 1, 2)


@pytest.mark.parametrize("texts", [[], [""], ["", " ", "\n"], ["one"], ["", "a b", "a b"], ["!!!", "???"]])
def test_few_or_blank_texts_are_no_trouble(texts: list[str]) -> None:
    folded = [" ".join(text.split()) for text in texts]
    assert find_kin(rows(*texts)).groups == tuple(sorted(set(folded), key=folded.index).index(text) for text in folded)


@settings(max_examples=60, deadline=None)
@given(texts=texts_of_words, threshold=st.sampled_from([0.2, 0.5, 0.7, 0.9, 1.0]))
def test_the_search_finds_the_pairs_a_full_comparison_finds(texts: list[str], threshold: float) -> None:
    assert found(texts, threshold) == all_pairs(texts, threshold)


def test_small_blocks_find_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(7)
    texts = [" ".join(draw.choices(WORDS, k=8)) for _ in range(300)]
    whole = found(texts, 0.6)
    monkeypatch.setattr(kin, "PRODUCTS_A_BLOCK", 500)
    monkeypatch.setattr(kin, "PAIRS_A_BLOCK", 7)
    assert len(whole) > 100
    assert found(texts, 0.6) == whole == all_pairs(texts, 0.6)


@settings(max_examples=40, deadline=None)
@given(texts=texts_of_words, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_who_is_kin(texts: list[str], order: random.Random) -> None:
    there = rows(*texts)
    mixed = order.sample(there, len(there))
    assert partition(there, find_kin(there).groups) == partition(mixed, find_kin(mixed).groups)


@settings(max_examples=40, deadline=None)
@given(texts=texts_of_words)
def test_groups_are_the_components_of_the_pairs(texts: list[str]) -> None:
    groups = find_kin(rows(*texts)).groups
    folded = [" ".join(text.split()) for text in texts]
    links = all_pairs(texts, 0.7) | {(i, j) for i in range(len(texts)) for j in range(i) if folded[i] == folded[j]}
    expected = list(range(len(texts)))
    for one, other in links:
        expected = [expected[one] if group == expected[other] else group for group in expected]
    assert partition(rows(*texts), groups) == partition(rows(*texts), expected)


@pytest.mark.parametrize("threshold", [0, -0.1, 1.01, float("nan")])
def test_a_threshold_no_cosine_can_meet_is_refused(threshold: float) -> None:
    with pytest.raises(DataError, match="threshold is"):
        find_kin(rows("a"), threshold=threshold)


@pytest.mark.data
@pytest.mark.slow
def test_our_own_grouping_of_dynahate_is_the_recorded_one(real_data: Path) -> None:
    recorded = list(load().rows())
    bare = [replace(example, group=None) for example in recorded]
    groups = find_kin(bare).groups
    assert len(set(groups)) == 20_043
    assert groups == find_kin(recorded).groups


def test_texts_alike_to_others_are_found_and_not_those_alike_among_themselves() -> None:
    texts = ["the sea is calm today, my friend", "the sea is calm today, my friends", "those folk are not welcome in here"]
    others = ["those folks are not welcome in here!", "an unrelated line"]
    assert alike_to(texts, others, threshold=0.6).tolist() == [False, False, True]
    assert alike_to(texts, [], threshold=0.6).tolist() == [False] * 3
    assert alike_to([], others, threshold=0.6).tolist() == []
    with pytest.raises(DataError, match="kin cannot be found"):
        alike_to(texts, others, threshold=0.0)


@settings(deadline=None, max_examples=40)
@given(texts_of_words, texts_of_words, st.sampled_from([0.4, 0.7, 0.9]))
def test_alike_to_finds_the_pairs_that_cross(texts: list[str], others: list[str], threshold: float) -> None:
    pairs = [pair for block in near_pairs(weigh([*others, *texts]), threshold) for pair in block.tolist()]
    expected = {later - len(others) for first, later in pairs if first < len(others) <= later}
    assert set(np.flatnonzero(alike_to(texts, others, threshold=threshold)).tolist()) == expected
