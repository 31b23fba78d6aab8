"""The nearest text is found: exactly where that can be paid, most often where it cannot, and a proof never lies."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatetinyllm.evaluation import index as index_module
from hatetinyllm.evaluation import neighbours
from hatetinyllm.evaluation.grams import learn_weights, weigh
from hatetinyllm.evaluation.index import make_index
from hatetinyllm.evaluation.neighbours import joined, near, near_products, nearest, nearest_rows

PLENTY = 10**12


def texts(count: int, seed: int) -> list[str]:
    """Made-up texts, some common words among many rare ones."""
    draw = random.Random(seed)
    known = ["".join(draw.choices("abdegiklmnorstu", k=draw.randint(2, 8))) for _ in range(400)]
    weights = [1 / (rank + 2) for rank in range(len(known))]
    return [" ".join(draw.choices(known, weights, k=draw.randint(6, 16))) for _ in range(count)]


def edited(text: str, draw: random.Random) -> str:
    words = text.split()
    words[draw.randrange(len(words))] = "changed"
    return " ".join(words)


def planted(train: list[str], seed: int, count: int) -> tuple[list[str], list[int]]:
    """Edits of train texts, and the places of what was edited."""
    draw = random.Random(seed)
    places = [draw.randrange(len(train)) for _ in range(count)]
    return [edited(train[place], draw) for place in places], places


def cosines(train: list[str], test: list[str]) -> np.ndarray:
    weights = learn_weights(train)
    return np.asarray((weigh(test, weights).rows @ weigh(train, weights).rows.T).todense())


def test_planted_edits_are_found_where_they_were_made() -> None:
    train = texts(300, 1)
    test, places = planted(train, 2, 60)
    found = nearest(train, test)
    assert found.how == "exact"
    assert np.mean(found.index == places) > 0.95


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), products=st.sampled_from([0, 50, 500, 5000, PLENTY]))
def test_exact_is_the_best_of_all_whatever_is_spent_first(seed: int, products: int) -> None:
    train, test = texts(60, seed), texts(15, seed + 1)
    found = nearest(train, test, row_products=products, exact_products=PLENTY)
    expected = cosines(train, test)
    assert found.proven.all()
    assert np.allclose(found.cosine, expected.max(axis=1), atol=1e-5)
    assert np.allclose(expected[np.arange(len(test)), found.index], expected.max(axis=1), atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), products=st.sampled_from([0, 50, 500, 5000]))
def test_a_proof_never_lies(seed: int, products: int) -> None:
    train = texts(80, seed)
    test = [*texts(10, seed + 1), *planted(train, seed, 10)[0]]
    found = nearest(train, test, row_products=products, exact_products=0)
    best = cosines(train, test).max(axis=1)
    assert np.allclose(found.cosine[found.proven], best[found.proven], atol=2e-4)
    assert np.all(found.cosine <= best + 1e-5)


def test_the_approximate_way_finds_nineteen_of_twenty_near_rows_for_a_fifth_of_the_products() -> None:
    train = texts(2000, 3)
    test, _ = planted(train, 4, 300)
    weights = learn_weights(train)
    index, asked = make_index(weigh(train, weights)), weigh(test, weights)
    whole = int(index.texts_with[asked.rows.indices].sum()) // len(test)
    found = nearest_rows(index, asked, row_products=whole // 5, exact_products=0)
    best = nearest_rows(index, asked, row_products=0, exact_products=PLENTY)
    assert not found.proven.all()
    assert found.how.startswith(f"approximate ({whole // 5:,} products a row")
    assert np.mean(found.cosine >= best.cosine - 1e-4) >= 0.95


def test_of_equally_near_texts_the_first_is_taken() -> None:
    train = ["nobody likes the weather", "something else", "nobody likes the weather", "something else"]
    for exact in (0, PLENTY):
        found = nearest(train, ["Nobody likes the weather", "something  else"], exact_products=exact)
        assert found.index.tolist() == [0, 1]
        assert found.cosine.tolist() == pytest.approx([1, 1])


def test_texts_without_an_n_gram_in_common_have_no_nearest() -> None:
    found = nearest(["the weather", "the weather"], ["", "zzz", "the weather"])
    assert found.index.tolist() == [-1, -1, 0]
    assert found.cosine[:2].tolist() == [0, 0]


def test_empty_texts_alone_are_no_error() -> None:
    assert nearest(["", ""], ["", "word"]).index.tolist() == [-1, -1]
    assert nearest([], ["word"]).index.tolist() == [-1]
    assert nearest(["word", "word"], []).how == "exact"


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), floor=st.sampled_from([0.3, 0.5, 0.7, 0.9]))
def test_all_pairs_that_reach_a_floor_are_found(seed: int, floor: float) -> None:
    train = texts(80, seed)
    test = [*texts(10, seed + 1), *planted(train, seed, 20)[0]]
    weights = learn_weights(train)
    found = joined(list(near(make_index(weigh(train, weights)), weigh(test, weights), floor)))
    expected = cosines(train, test)
    clear = np.abs(expected - floor) > 1e-5
    seen = np.zeros(expected.shape, dtype=bool)
    seen[found.queries, found.rows] = True
    assert np.array_equal(seen[clear], (expected >= floor)[clear])
    assert np.allclose(expected[found.queries, found.rows], found.cosine, atol=1e-5)


def test_a_search_cut_short_finds_most_pairs_and_nothing_else() -> None:
    train = texts(2000, 5)
    test, _ = planted(train, 6, 300)
    weights = learn_weights(train)
    index, asked = make_index(weigh(train, weights)), weigh(test, weights)
    whole = joined(list(near(index, asked, 0.7)))
    cut = joined(list(near(index, asked, 0.7, row_products=near_products(index, asked, 0.7) // len(test) // 3)))
    pairs = set(zip(whole.queries.tolist(), whole.rows.tolist(), strict=True))
    found = set(zip(cut.queries.tolist(), cut.rows.tolist(), strict=True))
    assert found <= pairs
    assert len(found) >= 0.9 * len(pairs) > 100


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    train = texts(100, 7)
    test, _ = planted(train, 8, 30)
    whole = nearest(train, test, row_products=500)
    monkeypatch.setattr(neighbours, "ROWS_A_BLOCK", 8)
    monkeypatch.setattr(neighbours, "PRODUCTS_A_BLOCK", 300)
    monkeypatch.setattr(index_module, "ROWS_A_BLOCK", 40)
    monkeypatch.setattr(neighbours, "PAIRS_A_BLOCK", 7)
    told: list[int] = []
    again = nearest(train, test, row_products=500, on_rows=lambda done, of: told.append(done))
    assert np.array_equal(whole.index, again.index)
    assert len(told) > 5
    assert told[-1] == len(test)
