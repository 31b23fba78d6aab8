"""CAT: train on what was judged alone, judge on what was judged in context, and nothing in both."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.cat import ALONE, WITH_PARENT, load
from hatetinyllm.data.checks import count_labels

MADE_UP = {
    ALONE.path: 'id,text,label,api,parent\n1.1,"  go away, gr**p &amp; co ",1,0.91,\n1.2,"Thank  you\nall",0,0.02,\n',
    WITH_PARENT.path: "id,text,parent,label,api\n2.1,thank you all ,what a day,0,0.01\n2.2,you t**l,a parent,1,0.8\n",
}


def test_only_the_test_rows_carry_the_message_they_answer(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    (train,) = splits.train
    assert (train.id, train.text, train.context) == ("1.1", "  go away, gr**p &amp; co ", None)
    assert (train.labels, train.score) == ({"toxicity": ("toxic",)}, 0.91)
    assert [(row.context, row.labels["toxicity"]) for row in splits.test] == [
        ("what a day", ("not_toxic",)),
        ("a parent", ("toxic",)),
    ]
    assert splits.dev == ()


def test_a_text_of_both_files_is_set_aside_from_train(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    assert [(rejected.line, rejected.file) for rejected in splits.rejected] == [(3, ALONE.path)]
    assert "1 rows of cat/gn.csv stand in cat/gc.csv too and are left out of train" in splits.notes


@pytest.mark.data
def test_the_real_files_lose_87_rows(real_data: Path) -> None:
    splits = load()
    assert len(splits.rejected) == 87
    assert count_labels(splits) == {
        "train": {"not_toxic": 9_854, "toxic": 59},
        "test": {"not_toxic": 9_849, "toxic": 151},
    }
    assert all(row.context and row.score is not None for row in splits.test)
