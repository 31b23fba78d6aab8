"""HateXplain: what the majority of the annotators said, as labels, targets and spans."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hatetinyllm.data.hatexplain import DIVISIONS, POSTS, load


def post(labels: str, tokens: str, marks: list[list[int]], *targets: list[str]) -> dict[str, Any]:
    """A post as the source writes it; a letter of `labels` is one annotator."""
    words = {"h": "hatespeech", "o": "offensive", "n": "normal"}
    annotators = [{"label": words[letter], "target": list(target)} for letter, target in zip(labels, targets, strict=True)]
    return {"annotators": annotators, "post_tokens": tokens.split(), "rationales": marks}


ISLAM, WOMEN, BOTH, NONE = ["Islam"], ["Women"], ["Women", "Islam", "Islam"], ["None"]
POST = {
    "1_gab": post("hho", "the gr**p people must go", [[0, 1, 1, 0, 1], [0, 1, 1, 0, 0], [0, 1, 0, 0, 1]], ISLAM, BOTH, WOMEN),
    "2_gab": post("oon", "you t**l", [[1, 1], [0, 1]], NONE, NONE, NONE),
    "3_gab": post("nnn", "women at work", [], WOMEN, WOMEN, NONE),
    "4_gab": post("hon", "who knows", [], NONE, NONE, NONE),
    "5_gab": post("nnn", "nice day", [], NONE, NONE, NONE),
    "6_gab": post("ooo", "you t**l again", [[1, 1]], NONE, NONE, NONE),
}
PART = {"train": ["1_gab", "6_gab"], "val": ["2_gab"], "test": ["3_gab"]}


def test_the_majority_gives_labels_targets_and_spans(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({POSTS.path: json.dumps(POST), DIVISIONS.path: json.dumps(PART)})
    splits = load()
    hate = splits.train[0]
    assert (hate.id, hate.text) == ("1_gab", "the gr**p people must go")
    assert hate.labels == {"hate": ("hate",), "offence": ("offensive",), "target": ("muslims", "women")}
    assert hate.spans is not None
    assert [hate.text[start:end] for start, end in hate.spans] == ["gr**p people", "go"]


def test_offence_is_not_hate_and_a_normal_post_attacks_nobody(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({POSTS.path: json.dumps(POST), DIVISIONS.path: json.dumps(PART)})
    splits = load()
    (offence,), (normal,) = splits.dev, splits.test
    assert offence.labels == {"hate": ("not_hate",), "offence": ("offensive",), "target": ()}
    assert offence.spans == ((4, 8),)
    assert normal.labels == {"hate": ("not_hate",), "offence": ("not_offensive",), "target": ()}
    assert (normal.mentions, normal.spans) == (("women",), None)


def test_posts_without_a_majority_or_a_part_are_set_aside(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({POSTS.path: json.dumps(POST), DIVISIONS.path: json.dumps(PART)})
    splits = load()
    assert [(row.line, row.reason) for row in splits.rejected] == [
        (4, "post 4 has no majority label"),
        (5, "post 5 is in no official part"),
    ]


def test_marks_that_do_not_fit_their_tokens_give_no_spans_and_a_note(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({POSTS.path: json.dumps(POST), DIVISIONS.path: json.dumps(PART)})
    splits = load()
    assert splits.train[1].spans is None
    assert "1 posts have marks of another length than their tokens, and no spans" in splits.notes
    assert "hatexplain: the card's counts are unverified" in splits.notes
