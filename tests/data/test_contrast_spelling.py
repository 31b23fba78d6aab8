"""Odd spelling: a text stays one that a person can read, and is no longer written as it was."""

from random import Random

import pytest

from hatetinyllm.data.contrast_spelling import LEET, mistype, spell_oddly

TEXT = "the old printer in our office makes strange noises"
BACK = str.maketrans({digit: letter for letter, digit in LEET.items()})


@pytest.mark.parametrize("seed", range(40))
def test_hidden_words_are_the_longest_and_the_rest_stays(seed: int) -> None:
    hidden = spell_oddly(TEXT, Random(seed))
    assert hidden != TEXT
    assert hidden.startswith(("the", "theold"))
    assert sum(word in hidden for word in ("the", "old", "in", "our", "makes")) == 5


def test_all_ways_are_met_and_leet_can_be_read_back() -> None:
    found = {spell_oddly("beastliness", Random(seed)) for seed in range(200)}
    assert any(" " in text for text in found)
    assert any(len(text) == 10 for text in found)
    assert any("***" not in text and set("*#@") & set(text) and len(text) == 11 for text in found)
    assert any(set("013457") & set(text) and text.translate(BACK) == "beastliness" for text in found)


def test_spaces_go_and_letters_stay() -> None:
    joined = [text for seed in range(60) if (text := spell_oddly(TEXT, Random(seed))).replace(" ", "") == TEXT.replace(" ", "")]
    assert any(text.count(" ") < TEXT.count(" ") for text in joined)


@pytest.mark.parametrize("seed", range(40))
def test_a_slip_touches_one_word_by_one_letter(seed: int) -> None:
    slipped = mistype(TEXT, Random(seed)).split()
    changed = [(ours, theirs) for ours, theirs in zip(TEXT.split(), slipped, strict=True) if ours != theirs]
    assert len(changed) <= 1  # swapping two equal letters, or one at the keyboard's edge, changes nothing
    assert all(abs(len(ours) - len(theirs)) <= 1 and ours[0] == theirs[0] for ours, theirs in changed)


@pytest.mark.parametrize("text", ["", "ok", "!!! ???"])
def test_a_text_without_words_to_change_is_left_alone(text: str) -> None:
    assert mistype(text, Random(1)) == text
    assert spell_oddly(text, Random(1)).replace(" ", "") == text.replace(" ", "")
