"""Judged rows keep ids, truths and scores, tell rows apart by facets, and hold no text."""

from dataclasses import replace

import numpy as np
import pytest

from hatetinyllm.evaluation.rows import Rows, length_of, rows_of
from hatetinyllm.types import Example


def test_rows_without_a_label_or_a_score_are_not_kept(examples, hate) -> None:
    given = [*examples([1, 0, 1]), Example(text="unlabelled", id="x")]
    rows = rows_of(given, hate, np.array([0.9, np.nan, 0.2, 0.3]), [0, 1, 2, 3])
    assert rows.ids == ("0", "2")
    assert rows.truth.tolist() == [1, 1]
    assert rows.scores.tolist() == [0.9, 0.2]
    assert rows.clusters.tolist() == [0, 2]


def test_a_facet_that_tells_nothing_apart_is_none(examples, hate) -> None:
    given = examples([1, 0], round=["1", "2"], perturbed=[True, True])
    rows = rows_of(given, hate, np.array([0.9, 0.1]), [0, 1])
    assert rows.facets == {"round": (("1",), ("2",))}


def test_one_word_that_some_rows_lack_is_a_facet(examples, hate) -> None:
    given = examples([1, 0], mentions=[("women",), ()], perturbed=[True, None])
    rows = rows_of(given, hate, np.array([0.9, 0.1]), [0, 1])
    assert rows.facets == {"mentions": (("women",), ()), "perturbed": (("perturbed",), ())}


def test_a_row_may_have_several_words_or_none(examples, hate) -> None:
    given = examples([1, 0, 0], mentions=[("women", "jews"), ("women",), ()])
    rows = rows_of(given, hate, np.array([0.9, 0.1, 0.2]), [0, 1, 2])
    found = {word: marks.tolist() for word, marks in rows.marks("mentions")}
    assert found == {"jews": [True, False, False], "women": [True, True, False]}


def test_partners_make_a_pair_once_where_both_are_here(noisy_rows) -> None:
    rows = noisy_rows(6, partners=True)
    assert rows.pairs().tolist() == [[0, 1], [2, 3], [4, 5]]
    assert rows.only(np.array([True, False, True, True, False, False])).pairs().tolist() == [[1, 2]]


def test_a_partner_that_only_one_of_two_records_counts() -> None:
    columns = {"truth": np.array([1, 0]), "scores": np.array([0.5, 0.5]), "clusters": np.array([0, 0])}
    assert Rows(ids=("a", "b"), partners=((), ("a",)), **columns).pairs().tolist() == [[0, 1]]


def test_a_row_that_names_itself_is_no_pair() -> None:
    rows = Rows(ids=("a",), truth=np.array([1]), scores=np.array([0.5]), clusters=np.array([0]), partners=(("a", "gone"),))
    assert rows.pairs().shape == (0, 2)


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="not of one length"):
        Rows(ids=("a", "b"), truth=np.array([1]), scores=np.array([0.5]), clusters=np.array([0]))


@pytest.mark.parametrize(("words", "range_"), [(0, "0–4 words"), (4, "0–4 words"), (5, "5–9 words"), (80, "80 words or more")])
def test_lengths_fall_into_ranges(words: int, range_: str) -> None:
    assert length_of("word " * words) == range_


def test_ranges_of_length_go_by_their_size(examples, hate) -> None:
    given = [replace(one, text="word " * count) for one, count in zip(examples([1, 0, 1]), (90, 12, 6), strict=True)]
    rows = rows_of(given, hate, np.array([0.1, 0.2, 0.3]), [0, 1, 2])
    assert [word for word, _ in rows.marks("length")] == ["5–9 words", "10–19 words", "80 words or more"]


def test_no_text_is_kept(examples, hate) -> None:
    rows = rows_of(examples([1, 0]), hate, np.array([0.9, 0.1]), [0, 1])
    assert "nothing of anybody" not in repr(rows)
