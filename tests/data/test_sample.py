"""A sample is part of every larger one, keeps its parts, and says what it is; train alone is cut once the rows are parted."""

from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.data.sample import draw, sample, trim
from hatetinyllm.data.split import random
from hatetinyllm.types import Example, Splits


def splits(train: int, test: int) -> Splits:
    rows = [Example(text=f"text {index}", id=str(index)) for index in range(train + test)]
    return Splits(name="made up", train=tuple(rows[:train]), test=tuple(rows[train:]), notes=("its own note",))


def ids(drawn: Splits) -> list[str]:
    return [example.id for example in drawn.rows()]


def test_no_number_takes_all_rows() -> None:
    whole = splits(8, 2)
    assert draw(whole) is whole
    assert draw(whole, rows=10) is whole


def test_each_part_gives_by_its_share_and_keeps_its_order() -> None:
    drawn = draw(splits(800, 200), rows=100)
    assert (len(drawn.train), len(drawn.dev), len(drawn.test)) == (80, 0, 20)
    assert ids(drawn) == sorted(ids(drawn), key=int)
    assert drawn.notes == ("a sample of 100 of 1,000 rows, seed 42", "its own note")


def test_a_smaller_sample_lies_within_a_larger_one_and_another_seed_draws_others() -> None:
    whole = splits(500, 0)
    small, large = set(ids(draw(whole, rows=50))), set(ids(draw(whole, rows=200)))
    assert small < large
    assert set(ids(draw(whole, rows=50, seed=7))) != small


def test_train_alone_is_cut_and_says_so() -> None:
    whole = splits(500, 100)
    cut = trim(whole, train_rows=50)
    assert len(cut.train) == 50
    assert cut.test == whole.test
    assert cut.notes == ("train: a sample of 50 of 500 rows, seed 42", "its own note")
    assert trim(whole) is whole
    assert trim(whole, train_rows=500) is whole


@given(sizes=st.lists(st.integers(1, 80), min_size=2, max_size=6), seed=st.integers(0, 9))
def test_smaller_cuts_of_train_lie_within_larger_ones(sizes: list[int], seed: int) -> None:
    cuts = [{example.id for example in trim(splits(80, 5), train_rows=size, seed=seed).train} for size in sorted(sizes)]
    assert [len(cut) for cut in cuts] == sorted(sizes)
    assert all(small <= large for small, large in pairwise(cuts))


def test_dev_and_test_stay_whole_whatever_the_size_of_train() -> None:
    part = partial(random, test_share=0.2, dev_share=0.1, near_duplicates="never")
    whole = sample(splits(900, 100), part)
    small, smaller = (sample(splits(900, 100), part, train_rows=size) for size in (200, 20))
    assert (len(whole.train), len(small.train), len(smaller.train)) == (700, 200, 20)
    assert whole.dev == small.dev == smaller.dev
    assert whole.test == small.test == smaller.test
    assert set(ids(smaller)) < set(ids(small)) < set(ids(whole))


def test_a_sample_of_all_is_drawn_before_and_one_of_train_after() -> None:
    part = partial(random, test_share=0.2, dev_share=0.1, near_duplicates="never")
    both = sample(splits(900, 100), part, rows=500, train_rows=100)
    assert (len(both.train), len(both.dev), len(both.test)) == (100, 50, 100)
    assert [note.split(",")[0] for note in both.notes[:2]] == ["train: a sample of 100 of 350 rows", "a sample of 500 of 1"]
