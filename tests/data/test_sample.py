"""A sample is part of every larger one, keeps its parts, and says what it is."""

from hatetinyllm.data.sample import draw
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
