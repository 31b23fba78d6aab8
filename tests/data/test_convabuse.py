"""ConvAbuse: the majority of the annotators says what is toxic, each with one voice."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.convabuse import ANNOTATORS, SEVERITIES, TEST, TRAIN, VALID, load
from hatetinyllm.errors import DataError

COLUMNS = [f"Annotator{annotator}_is_abuse.{severity}" for annotator in ANNOTATORS for severity in SEVERITIES]
FINE, UNSURE, MILD, STRONG = "1,0,0,0,0", "0,1,0,0,0", "0,0,1,0,0", "0,0,0,0,1"
TWICE_FINE_ONCE_MILD = '"1, 1, 0","0, 0, 0","0, 0, 1","0, 0, 0","0, 0, 0"'


def written(*rows: Sequence[str], start: int = 1) -> str:
    """A file in the source's shape: each row's annotators, in order; the others did not see it."""
    lines = [",".join(["example_id", "conv_id", "agent", "user", *COLUMNS])]
    for number, judged in enumerate(rows, start=start):
        unseen = [",,,,"] * (len(ANNOTATORS) - len(judged))
        lines.append(",".join([f"{number}.0", "70.0", "Hello there", f"message {number}", *judged, *unseen]))
    return "\n".join(lines) + "\n"


def test_more_than_half_must_call_it_abuse(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    train = written((FINE, MILD, STRONG), (UNSURE, MILD), (FINE, UNSURE, STRONG))
    mirror({TRAIN.path: train, VALID.path: written((STRONG,), start=9)})
    splits = load()
    assert [example.labels["toxicity"] for example in splits.train] == [("toxic",), ("not_toxic",), ("not_toxic",)]
    assert [example.labels["toxicity"] for example in splits.dev] == [("toxic",)]
    assert f"{TEST.path}: not here, so what it holds is left out" in splits.notes


def test_an_annotator_who_read_it_thrice_has_one_voice(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: written((TWICE_FINE_ONCE_MILD, MILD, STRONG), (TWICE_FINE_ONCE_MILD, MILD)), VALID.path: written()})
    assert [example.labels["toxicity"] for example in load().train] == [("toxic",), ("not_toxic",)]


def test_a_message_keeps_what_it_answers_and_its_conversation(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: written((FINE,)), VALID.path: written()})
    (example,) = load().train
    assert (example.id, example.text, example.context, example.group) == ("1", "message 1", "Hello there", "70")


def test_a_row_that_nobody_judged_is_an_error(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TRAIN.path: written(()), VALID.path: written()})
    with pytest.raises(DataError, match="line 2: no annotator judged it"):
        load()


@pytest.mark.data
def test_the_real_files_have_the_rows_of_the_card(real_data: Path) -> None:
    splits = load()
    assert count_labels(splits) == {"train": {"not_toxic": 2_164, "toxic": 337}, "dev": {"not_toxic": 719, "toxic": 112}}
    talked = {example.group for example in splits.train}
    assert sum(example.group in talked for example in splits.dev) == 293
    assert all(example.context for example in splits.rows())
