"""Civil Comments: labels from half of the readers, identities as mentions, and a limit."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hatetinyllm.data.civil_comments import CARD, IDENTITIES, TRAIN, load

COLUMNS = ("id", "target", "comment_text", "identity_attack", *IDENTITIES)


def row(id: str, target: str, text: str, attack: str, **identities: str) -> str:
    """A line of train.csv with the columns that are read; what is not named was not asked."""
    return ",".join((id, target, text, attack, *(identities.get(name, "") for name in IDENTITIES)))


ROWS = (
    ",".join(COLUMNS),
    row("59848", "0.5", "go away gr**p", "0.6", muslim="1.0", female="0.4"),
    row("59849", "0.49", '"women &amp; men, thanks"', "0.0", female="0.8", male="0.5"),
    row("59852", "0.9", "you t**l", "0.1"),
)


def test_half_of_the_readers_make_a_label(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: "\n".join(ROWS)})
    splits = load()
    assert [(example.labels["toxicity"], example.label) for example in splits.train] == [
        (("toxic",), "hate"),
        (("not_toxic",), "not_hate"),
        (("toxic",), "not_hate"),
    ]
    assert "civil-comments: the card's counts are unverified" in splits.notes


def test_identities_are_mentions_and_never_targets(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: "\n".join(ROWS)})
    attacked, thanked, unasked = load().train
    assert (attacked.mentions, thanked.mentions, unasked.mentions) == (("muslims",), ("men", "women"), ())
    assert thanked.text == "women &amp; men, thanks"
    assert "target" not in CARD.heads
    assert "target" not in attacked.labels


def test_a_limit_reads_no_further_and_is_not_held_against_the_card(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: "\n".join((*ROWS[:2], "a broken row"))})
    splits = load(limit=1)
    assert [example.id for example in splits.train] == ["59848"]
    assert "the first 1 rows only, as limit=1 asks" in splits.notes
    assert not any("the card states 1" in note for note in splits.notes)
