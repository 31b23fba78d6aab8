"""Disguises are the same each time, touch the words they may, and the second normal form takes most of them off."""

import pytest

from hatetinyllm.errors import UnknownName
from hatetinyllm.text.disguise import KINDS, disguise
from hatetinyllm.text.normalise import normalise

TEXT = (
    "Nobody in this village ever welcomed strangers, @baker said of the #harvest: https://example.org/summer a@example.org 2020"
)
WORDS = [word for word in TEXT.split() if word.isalpha()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_disguise_is_drawn_by_text_kind_and_seed_alone(kind: str) -> None:
    assert disguise(TEXT, kind, seed=1) == disguise(TEXT, kind, seed=1) != TEXT
    assert len({disguise(TEXT, kind, seed=seed) for seed in range(20)}) > 10


def test_a_disguise_stays_the_same_in_every_release() -> None:
    """What was judged under a seed must stay comparable."""
    assert disguise("they hate strangers here", "leet", seed=7, share=1.0) == "7h3y h@t3 stran63r$ h3re"
    assert disguise("they hate strangers here", "spaces", seed=7, share=0.5) == "they h.a.t.e strangers h-e-r-e"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(10))
def test_mentions_hashtags_links_and_numbers_stay(kind: str, seed: int) -> None:
    found = disguise(TEXT, kind, seed=seed, share=1.0)
    assert all(kept in found for kept in ("@baker", "#harvest", "https://example.org/summer", "a@example.org", "2020"))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_is_that_of_the_words_long_ones_first(share: float) -> None:
    kept = disguise(TEXT, "zero-width", seed=3, share=share).split()
    changed = [word for word in TEXT.replace(":", " ").replace(",", " ").split() if word.isalpha() and word not in " ".join(kept)]
    assert len(changed) == {0.0: 0, 0.3: 3, 1.0: 10}[share]
    assert share == 1.0 or all(len(word) > 3 for word in changed)


def test_one_word_at_least_is_disguised() -> None:
    assert disguise("nice day", "repeats", seed=1, share=0.01) != "nice day"
    assert disguise("!!! 12", "repeats", seed=1) == "!!! 12"


@pytest.mark.parametrize(
    ("kind", "back"), [("leet", 0.6), ("spaces", 0.6), ("confusables", 0.8), ("zero-width", 1), ("repeats", 0.8)]
)
def test_the_second_normal_form_gives_most_words_back(kind: str, back: float) -> None:
    found = [word for seed in range(40) for word in normalise(disguise(TEXT, kind, seed=seed), 2).text.replace(",", "").split()]
    whole = sum(min(found.count(word), 40) for word in WORDS) / (40 * len(WORDS))
    plain = [word for seed in range(40) for word in normalise(disguise(TEXT, kind, seed=seed), 1).text.replace(",", "").split()]
    left = sum(min(plain.count(word), 40) for word in WORDS) / (40 * len(WORDS))
    assert whole >= left + back * (1 - left)


def test_what_is_no_disguise_is_told() -> None:
    with pytest.raises(UnknownName, match=r"no disguise 'leat'.*'leet'"):
        disguise("a text", "leat", seed=1)
    with pytest.raises(ValueError, match="from 0 to 1"):
        disguise("a text", "leet", seed=1, share=2)
