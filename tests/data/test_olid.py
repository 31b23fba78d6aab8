"""OLID: offence asked of all, the addressee of offensive tweets only."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.olid import ANSWERS, TEST, TRAIN, load
from hatetinyllm.errors import FetchError

MADE_UP = {
    TRAIN.path: "id\ttweet\tsubtask_a\tsubtask_b\tsubtask_c\n"
    "1\t@USER go away gr**p &amp; co\tOFF\tTIN\tGRP\n"
    "2\twhat the h**l\tOFF\tUNT\tNULL\n"
    "3\tnice day URL\tNOT\tNULL\tNULL\n",
    TEST.path: "id\ttweet\n7\tyou t**l\n8\tnice evening\n",
    ANSWERS["a"].path: "7,OFF\n8,NOT\n",
    ANSWERS["b"].path: "7,TIN\n",
    ANSWERS["c"].path: "7,IND\n",
}


def test_only_offensive_tweets_have_an_addressee(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    group, nobody, fine = load().train
    assert (group.id, group.text) == ("1", "@USER go away gr**p &amp; co")
    assert group.labels == {"offence": ("offensive",), "addressee": ("group",)}
    assert nobody.labels == {"offence": ("offensive",), "addressee": ("nobody",)}
    assert fine.labels == {"offence": ("not_offensive",)}


def test_the_answers_of_the_test_are_joined_by_id(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    assert [row.labels for row in splits.test] == [
        {"offence": ("offensive",), "addressee": ("individual",)},
        {"offence": ("not_offensive",)},
    ]
    assert "olid: the card's counts are unverified" in splits.notes


def test_without_a_file_the_error_names_the_organisers() -> None:
    with pytest.raises(FetchError, match=r"OLIDv1\.0\.zip of the organisers"):
        load()
