"""Words in single letters are joined, and letters held down are let go."""

import pytest

from hatetinyllm.text.edit import edited, untouched
from hatetinyllm.text.spelling import repeats, spaced_letters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("they h a t e us", "they hate us"),
        ("h.a.t.e, h-a-t-e; h_a_t_e h * a * t * e", "hate, hate; hate hate"),
        ("k i l l  t h e m", "kill  them"),
        ("n-i-c-3-l-y", "nic3ly"),
        ("I a m here", "I am here"),
        ("I h a t e you", "I hate you"),
        ("he is a f o o l", "he is a fool"),
        ("and i h a t e", "and i hate"),
        ("such an i d i o t", "such an idiot"),
        ("a s s", "ass"),
    ],
)
def test_single_letters_are_a_word(text: str, expected: str) -> None:
    assert edited(untouched(text), spaced_letters(text)).text == expected


@pytest.mark.parametrize(
    "text",
    ["u r a fool", "I u", "ha te", "s-s-s-sorry", "1 2 3 4", "e-mail x-ray", "a 1 0 0", "x x x", "A, B, C", "and/or s/o/x"],
)
def test_what_is_no_word_stays(text: str) -> None:
    assert edited(untouched(text), spaced_letters(text)).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sooooo goooood", "so good"),
        ("haaaate niiiice", "hate nice"),
        ("shitttt killll fffool", "shit kill fool"),
        ("KKK xxx www KKKKK", "KKK xxx www KKK"),
        ("good skiing!!! 1000 ....", "good skiing!!! 1000 ...."),
    ],
)
def test_a_letter_stands_twice_at_most(text: str, expected: str) -> None:
    assert edited(untouched(text), repeats(text)).text == expected
