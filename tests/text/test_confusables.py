"""Lookalikes become Latin in Latin words, and other languages stay."""

import pytest

from hatetinyllm.text.confusables import LATIN, lookalikes, loose_marks
from hatetinyllm.text.edit import edited, untouched


def read(text: str) -> str:
    return edited(untouched(text), lookalikes(text)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hаtе thеm", "hate them"),  # Cyrillic
        ("hαtε", "hate"),  # Greek
        ("ʜate tʜᴇm", "hate thEm".replace("E", "e")),
        ("we hаtе іѕ", "we hate is"),  # a word of twins beside Latin
        ("ni🅱🅱le ni🅑🅑le", "nibble nibble"),
        ("BO🅱", "BOB"),
    ],
)
def test_a_latin_word_is_read_as_latin(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "привет мир",
        "hello привет, сосо",
        "αβγ and β-test",
        "5 μg",
        "сосо",
        "café naïve Straße smørrebrød",
        "🅱 😀 🇺🇸",
        "日本語 abc",
    ],
)
def test_other_languages_and_signs_stay(text: str) -> None:
    assert read(text) == text


def test_every_lookalike_becomes_one_letter_of_ascii() -> None:
    assert all(len(other) == 1 and not other.isascii() and letter.isascii() for other, letter in LATIN.items())


def test_marks_that_make_no_letter_go() -> None:
    text = "h\u0336a\u0336te, café, 1\u20e3"
    assert edited(untouched(text), loose_marks(text)).text == "hate, café, 1\u20e3"
