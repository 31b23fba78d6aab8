"""Signs inside words become letters; numbers, prices, units and names stay."""

import pytest

from hatetinyllm.text.edit import edited, untouched
from hatetinyllm.text.leet import leading_at, leet


def read(text: str) -> str:
    return edited(untouched(text), leet(text)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h4te", "hate"),
        ("id10t!", "idiot!"),
        ("r3t4rd3d", "retarded"),
        ("b@stard, a$$hole and a$$", "bastard, asshole and ass"),
        ("$hit 5hit 4ss", "shit shit ass"),
        ("b!tch", "bitch"),
        ("SH1T wh0re", "SHIT whore"),
        ("p1ease fema1e k1ll hom0 weddin9 wh17e", "please female kill homo wedding white"),
        ("musl1m5 jew$", "muslims jews"),
        ("h8 H8ers gr8", "hate Haters great"),
        ("l33t n00b", "leet noob"),
    ],
)
def test_a_disguised_word_is_read(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "4th 2nd 1st 3rd 21st",
        "B2B H1N1 R2D2 P2P",
        "@user @n4me #h4te",
        "$5 5$ £5 US$ $100k money$$$ $AAPL",
        "covid19 ps4 mp3s iphone5s gta5",
        "1990s 80kg 5ft 10k 2pm 3hours 100m",
        "4chan 4ever 3some",
        "stop!it wow! no!!",
        "a1@example.org user_n4me",
        "f@user she@Home",
        "part1 level4 area51",
        "ab12cd34 1234 a1",
        "f**k sh*t",
    ],
)
def test_what_has_a_plainer_reading_stays(text: str) -> None:
    assert read(text) == text


def test_a_word_that_begins_with_at_is_no_mention() -> None:
    text = "you @sshole, @assembly and @ssembly"
    assert edited(untouched(text), leading_at(text)).text == "you asshole, @assembly and @ssembly"
