"""Toxic Spans: characters become spans, and every text is toxic."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.toxic_spans import CARD, TEST, TRAIN, TRIAL, load

MADE_UP = {
    TRAIN.path: 'spans,text\n"[4, 5, 6, 7, 13, 14]","you t**l, my t* &amp;"\n[],you are no help\n',
    TRIAL.path: "spans,text\n[0],f off\n",
}


def test_runs_of_characters_become_spans(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    marked, unmarked = splits.train
    assert (marked.id, marked.spans) == ("train-2", ((4, 8), (13, 15)))
    assert [marked.text[start:end] for start, end in marked.spans or ()] == ["t**l", "t*"]
    assert unmarked.spans == ()
    assert [(row.id, row.spans) for row in splits.dev] == [("dev-2", ((0, 1),))]


def test_every_text_is_toxic_and_the_card_warns(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({**MADE_UP, TEST.path: "spans,text\n[0],t t\n"})
    splits = load()
    assert {row.labels["toxicity"] for row in splits.rows()} == {("toxic",)}
    assert len(splits.test) == 1
    assert CARD.traps[0].startswith("Every text is toxic")


@pytest.mark.data
def test_the_real_spans_lie_inside_their_texts(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"toxic": 7_939}, "dev": {"toxic": 690}}
    assert sum(row.spans == () for row in splits.train) == 485
    assert sum(row.spans == () for row in splits.dev) == 43
    assert all(0 <= start < end <= len(row.text) for row in splits.rows() for start, end in row.spans or ())
    assert len({row.text for row in splits.train} & {row.text for row in splits.dev}) == 8
