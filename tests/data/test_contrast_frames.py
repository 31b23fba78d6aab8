"""The frames: each is filled to its end, texts of a draw share their words, and a function keeps its label."""

from random import Random

import pytest

from hatetinyllm.data.contrast_frames import Filling, Text, read_frames, roles
from hatetinyllm.data.contrast_words import read_words
from hatetinyllm.labels import SCHEMES

SLOTS = {
    "adj_bad": ("mean",),
    "adj_good": ("kind",),
    "claim": ("{who} are {adj_*} in {place}",),
    "place": ("town", "the park", "the shop", "the sea"),
}


def filling(**cast: str) -> Filling:
    return Filling(cast=cast, slots=SLOTS, random=Random(1), chosen={})


def text(sentence: str, pole: str = "bad", who: str = "P") -> Text:
    return Text(function="", sentence=sentence, pole=pole, who=who)


def test_a_variant_turns_the_words_and_those_who_are_named() -> None:
    draw = filling(P="women", U="bankers")
    told = [draw.fill(text("I think {claim}", *variant)) for variant in (("bad", "P"), ("good", "P"), ("bad", "U"))]
    place = told[0].partition(" in ")[2]
    assert told == [
        f"I think women are mean in {place}",
        f"I think women are kind in {place}",
        f"I think bankers are mean in {place}",
    ]


def test_a_slot_that_stands_twice_in_a_text_is_filled_twice_and_alike_in_its_partner() -> None:
    slots = {"place": tuple(f"place {number}" for number in range(1000))}
    draw = Filling(cast={}, slots=slots, random=Random(1), chosen={})
    first, second = draw.fill(text("{place}, {place}")), draw.fill(text("{place}; {place}"))
    assert len(set(first.split(", "))) == 2
    assert first.split(", ") == second.split("; ")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a immigrant", "an immigrant"),
        ("an filthy car", "a filthy car"),
        ("A old man", "An old man"),
        ("a useless", "a useless"),
        ("an hour", "an hour"),
    ],
)
def test_an_article_fits_its_word(written: str, read: str) -> None:
    assert filling().fill(text(written)) == read


def test_the_roles_of_a_text_are_those_it_names_itself_or_by_a_claim() -> None:
    draw = filling(P="women", P_s="woman", U="bankers", X="-")
    for told, expected in (("{claim}", {"P"}), ("the {P_s} met {U}", {"P", "U"}), ("nobody", set())):
        one = text(told)
        draw.fill(one)
        assert roles(one, draw) == expected


def test_every_frame_can_be_filled_by_the_words() -> None:
    words, frames = read_words(), read_frames()
    cast = {slot: "x" for role in ("P", "U", "X", "H", "T") for slot in (role, f"{role}_s", f"{role}_a", f"{role}_adj")}
    for frame in frames.frames:
        slots = {**words.slots, **frames.slots[frame.part]}
        for one in frame.texts:
            assert one.function in frames.functions, frame.name
            Filling(cast=cast, slots=slots, random=Random(1), chosen={}).fill(one)


def test_functions_answer_in_the_words_of_the_schemes() -> None:
    for name, function in read_frames().functions.items():
        assert function.hate in SCHEMES["hate"].labels, name
        assert function.toxicity in (None, *SCHEMES["toxicity"].labels), name
        assert set(function.types) <= set(SCHEMES["type"].labels), name


def test_parts_share_no_sentence() -> None:
    frames = read_frames()
    train, dev = (
        {one.sentence for frame in frames.frames if frame.part == part for one in frame.texts} for part in ("train", "dev")
    )
    assert train & dev == {"{insult}"}
    for slot in frames.slots["train"]:
        assert not set(frames.slots["train"][slot]) & set(frames.slots["dev"][slot])
