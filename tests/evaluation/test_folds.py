"""Folds are even and never part kin, and no row is scored by what learnt from it."""

import numpy as np
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.folds import deal_folds, out_of_fold
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def test_kin_are_in_one_fold_and_folds_are_even() -> None:
    groups = [row // 3 for row in range(60)] + [100 + row for row in range(40)]
    dealt = deal_folds(groups, 5)
    assert all(len({dealt[row] for row in range(100) if groups[row] == group}) == 1 for group in set(groups))
    assert np.bincount(dealt).tolist() == [20] * 5
    assert dealt.tolist() == deal_folds(groups, 5).tolist()
    assert dealt.tolist() != deal_folds(groups, 5, seed=1).tolist()


@pytest.mark.parametrize(("groups", "folds"), [([0, 0, 1, 1], 3), ([0, 0, 0], 2), ([], 2)])
def test_too_few_groups_of_kin_are_told(groups: list[int], folds: int) -> None:
    with pytest.raises(DataError, match="cannot be dealt"):
        deal_folds(groups, folds)


def test_a_label_that_only_the_row_itself_knows_does_not_show() -> None:
    """Every row has a word of its own, which alone would give its label away; what is common says nothing."""
    examples = [
        Example(text=f"word{row:03d} word{row:03d} the common talk", id=str(row), labels={"hate": (HATE.labels[row % 2],)})
        for row in range(40)
    ]
    fold_of = deal_folds(range(40), 4)
    told: list[int] = []
    scores = out_of_fold(examples, HATE, fold_of, begun=told.append)
    assert told == [0, 1, 2, 3]
    twins = [Example(text=example.text, id=f"{example.id}b", labels=example.labels) for example in examples]
    parted = out_of_fold([*examples, *twins], HATE, np.concatenate([fold_of, (fold_of + 1) % 4]))
    truth = np.array([row % 2 for row in range(40)])
    assert ((scores > 0.5) == truth).mean() < 0.8
    assert ((parted[:40] > 0.5) == truth).mean() > 0.95  # with kin parted it does


def test_rows_without_an_answer_are_scored_and_not_learnt_from() -> None:
    said = ["nobody wants them here", "they are welcome here"]
    examples = [
        Example(text=said[row % 2], id=str(row), labels={"hate": (("hate", "not_hate")[row % 2],)} if row < 30 else {})
        for row in range(40)
    ]
    scores = out_of_fold(examples, HATE, np.arange(40) // 2 % 4)
    assert scores[30::2].min() > 0.5 > scores[31::2].max()
