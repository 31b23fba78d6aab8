"""A vocabulary spells everything, joins what is frequent, and is the same each time."""

import pytest

from hatetinyllm.errors import RecipeError
from hatetinyllm.pretraining.vocabulary import beginning, learn_vocabulary, settings

TEXTS = ["the weather is lovely today", "the weather was lovely", "what lovely weather"] * 20


def test_frequent_words_are_one_piece_and_nothing_is_unknown() -> None:
    tokenizer = learn_vocabulary(TEXTS, 300)
    assert tokenizer.get_vocab_size() <= 300
    assert tokenizer.encode("the weather").tokens[:2] == ["<s>", "the"]
    for text in ("l0vely w.e.a.t.h.e.r", "приве́т 😀", "\u200bno"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_the_same_texts_give_the_same_bytes() -> None:
    assert learn_vocabulary(TEXTS, 280).to_str() == learn_vocabulary(TEXTS, 280).to_str()


def test_so_much_text_and_no_more() -> None:
    assert list(beginning(["aaaa", "bbbb", "cccc"], 5)) == ["aaaa", "bbbb"]


@pytest.mark.parametrize(("options", "told"), [({"size": 100}, "size is 100"), ({"normaliser": 99}, "normaliser is 99")])
def test_what_cannot_be_is_told(options: dict[str, int], told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        settings(**options)
    assert settings(size=0).size == 0
