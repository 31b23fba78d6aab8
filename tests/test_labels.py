"""The one mapping: every source's word lands on a label of ours, and unknown words are told with the nearest right one."""

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.labels import SCHEMES, SOURCES, meant, translate


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_word_of_a_source_lands_on_labels_of_its_scheme(source: str) -> None:
    for scheme, words in SOURCES[source].items():
        for word, ours in words.items():
            assert set([ours] if isinstance(ours, str) else ours) <= set(SCHEMES[scheme].labels), (scheme, word)


def test_codes_that_join_two_groups_give_both() -> None:
    assert translate("dynahate", "target", "bla.wom") == ("black_people", "women")
    assert translate("hatemoji-build", "target", "muswom") == ("muslims", "women")
    assert translate("dynahate", "target", "gay.man") == ("gay_people", "men")


def test_labels_come_in_the_schemes_order_and_once() -> None:
    assert translate("dynahate", "target", ["wom", "bla", "african"]) == ("black_people", "women")


def test_praise_attacks_nobody() -> None:
    assert translate("dynahate", "target", ["nazis"]) == ()


def test_an_unknown_word_is_told_with_the_nearest_right_one() -> None:
    with pytest.raises(DataError, match=r"no label 'nothat' \(did you mean 'nothate'\?\)"):
        translate("dynahate", "hate", "nothat")


@pytest.mark.parametrize(
    ("word", "ours"),
    [("Hateful", "hate"), ("NOTHATE", "not_hate"), ("not_hate", "not_hate"), ("1", None), ("LABEL_1", None), ("", None)],
)
def test_a_word_of_an_unknown_source_is_known_where_all_sources_agree(word: str, ours: str | None) -> None:
    assert meant("hate", word) == ours


def test_a_word_that_sources_use_in_different_ways_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatetinyllm.labels.SOURCES", {"a": {"hate": {"x": "hate"}}, "b": {"hate": {"X": "not_hate"}}})
    assert meant("hate", "x") is None
