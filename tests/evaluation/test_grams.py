"""N-grams by hash weigh what scikit-learn's vocabulary says, and no block, blank or hash changes that."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from hatetinyllm.evaluation import grams
from hatetinyllm.evaluation.grams import count, fold, learn_weights, weigh

TEXTS = [
    "The weather is lovely today",
    "the  weather is\tdreadful today",
    "nobody likes this weather, nobody",
    "a b ab abc",
    "Ünïcode 😀😀 weather ünïcode",
    "today a",
    "",
    "   ",
]
words = st.text("abc😀é ", max_size=12)


def by_hand(texts: list[str], asked: list[str]) -> np.ndarray:
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2)
    known = vectoriser.fit_transform(texts)
    return np.asarray((vectoriser.transform(asked) @ known.T).todense())


def ours(texts: list[str], asked: list[str]) -> np.ndarray:
    weights = learn_weights(texts)
    return np.asarray((weigh(asked, weights).rows @ weigh(texts, weights).rows.T).todense())


def test_cosines_are_those_of_a_vocabulary() -> None:
    assert np.allclose(ours(TEXTS, TEXTS[::-1]), by_hand(TEXTS, TEXTS[::-1]), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(words, min_size=2, max_size=6))
def test_any_texts_are_weighed_as_by_a_vocabulary(texts: list[str]) -> None:
    texts = [*texts, "abc cab", "abc cab bca"]
    assert np.allclose(ours(texts, texts), by_hand(texts, texts), atol=1e-5)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = learn_weights(TEXTS)
    whole = weigh(TEXTS, weights)
    monkeypatch.setattr(grams, "SIGNS_A_BLOCK", 5)
    assert len(list(count(TEXTS))) > 4
    again = weigh(TEXTS, learn_weights(TEXTS))
    assert (whole.rows != again.rows).nnz == 0
    assert np.array_equal(whole.kept, again.kept)


def test_no_n_gram_reaches_from_one_text_into_the_next() -> None:
    (apart,) = count(["abcd", "", "efgh"])
    alone = [next(count([text])) for text in ("abcd", "", "efgh")]
    assert np.array_equal(apart.columns, np.concatenate([one.columns for one in alone]))
    assert apart.ends.tolist() == [0, 9, 9, 18]


def test_what_no_two_texts_share_is_left_out_and_remembered() -> None:
    weights = learn_weights(["weather", "weather", "zzz yyy"])
    kept = weigh(["weather", "zzz yyy", "weather zzz yyy", ""], weights).kept
    assert kept[0] == 1
    assert kept[1] == kept[3] == 0
    assert 0 < kept[2] < 1


def test_texts_are_equal_in_lower_case_with_one_blank() -> None:
    assert fold("  The\n WEATHER ") == "the weather"
    assert fold(" \t ") == ""


def test_half_a_character_is_read_too() -> None:
    assert weigh(["\ud83d\ud83d"], learn_weights(["\ud83d\ud83d", "\ud83d\ud83d"])).rows.nnz


def test_no_texts_are_no_rows() -> None:
    vectors = weigh([], learn_weights([]))
    assert vectors.rows.shape == (0, 0)
    assert len(vectors.kept) == 0
