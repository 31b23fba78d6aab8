"""Splits: their laws, the figures of DynaHate, and what is said when rows cannot be parted as asked."""

import os
import random as chance
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hatetinyllm.config.signature import read_options
from hatetinyllm.data import SPLITS
from hatetinyllm.data.dynahate import load
from hatetinyllm.data.kin import find_kin
from hatetinyllm.data.split import grouped, official, official_leakfree, random
from hatetinyllm.errors import DataError
from hatetinyllm.types import PARTS, Example, Splits


def row(number: int, label: str, group: int | None = None) -> Example:
    return Example(text=f"text {number}", id=f"r{number}", labels={"hate": (label,)}, group=None if group is None else str(group))


def source(sizes: list[int], *, hate: int = 3, parts: tuple[str, ...] = ("train",)) -> Splits:
    """Rows in groups of these sizes, one in `hate` of them hateful, laid into the parts in turn."""
    rows: list[Example] = []
    for group, size in enumerate(sizes):
        rows += [
            row(len(rows) + index, "hate" if (len(rows) + index) % hate == 0 else "not_hate", group) for index in range(size)
        ]
    of = {part: tuple(rows[place :: len(parts)]) for place, part in enumerate(parts)}
    return Splits(name="made-up", **of)  # type: ignore[arg-type]


def ids(splits: Splits) -> dict[str, set[str]]:
    return {part: {example.id for example in splits.part(part)} for part in PARTS}


def groups(splits: Splits) -> dict[str, set[str | None]]:
    return {part: {example.group for example in splits.part(part)} for part in PARTS}


def disjoint(sets: Iterable[Set[Any]]) -> bool:
    """No member stands in two of the sets."""
    return max(Counter(member for one in sets for member in one).values()) == 1


def shares(splits: Splits) -> dict[str, float]:
    whole = sum(1 for _ in splits.rows())
    return {part: len(splits.part(part)) / whole for part in PARTS}


def hateful(examples: tuple[Example, ...]) -> float:
    return sum(example.label == "hate" for example in examples) / len(examples)


many_groups = st.lists(st.integers(1, 6), min_size=60, max_size=160)
seeds = st.integers(0, 10_000)


@settings(max_examples=30, deadline=None)
@given(sizes=many_groups, seed=seeds)
def test_random_and_grouped_lose_no_row_and_take_none_twice(sizes: list[int], seed: int) -> None:
    before = source(sizes, parts=PARTS)
    for split in (random, grouped):
        after = split(before, seed=seed)
        assert Counter(example.id for example in after.rows()) == Counter(example.id for example in before.rows())


@settings(max_examples=30, deadline=None)
@given(sizes=many_groups, seed=seeds)
def test_grouped_never_parts_kin_and_keeps_shares_and_labels(sizes: list[int], seed: int) -> None:
    before = source(sizes)
    after = grouped(before, seed=seed)
    assert disjoint(groups(after).values())
    assert shares(after) == pytest.approx({"train": 0.7, "dev": 0.1, "test": 0.2}, abs=0.04)
    rows = sum(sizes)
    for part, share in (("train", 0.7), ("dev", 0.1), ("test", 0.2)):
        expected = share * hateful(before.train) * rows
        assert abs(sum(example.label == "hate" for example in after.part(part)) - expected) <= 4


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(60, 300), seed=seeds, hate=st.integers(2, 4))
def test_random_is_stratified_to_a_row(rows: int, seed: int, hate: int) -> None:
    before = source([1] * rows, hate=hate)
    after = random(before, seed=seed)
    totals = Counter(example.label for example in before.rows())
    for part, share in (("train", 0.7), ("dev", 0.1), ("test", 0.2)):
        counts = Counter(example.label for example in after.part(part))
        assert all(abs(counts[label] - share * total) <= 1 for label, total in totals.items())


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 4), min_size=120, max_size=160), seed=seeds)
def test_leakfree_leaves_test_alone_and_no_kin_across_parts(sizes: list[int], seed: int) -> None:
    draw = chance.Random(seed)
    rows = list(source(sizes).train)
    near = [draw.choices(PARTS, weights=(90, 4, 6))[0] for _ in rows]
    parts = {part: tuple(example for example, own in zip(rows, near, strict=True) if own == part) for part in PARTS}
    before = Splits(name="made-up", **parts)  # type: ignore[arg-type]
    test, dev = groups(before)["test"], groups(before)["dev"]
    kept = [example for example in before.dev if example.group not in test]
    free = [example for example in before.train if example.group not in test | dev]
    assume(all({example.label for example in rows} == {"hate", "not_hate"} for rows in (before.test, kept, free)))
    after = official_leakfree(before, seed=seed)
    assert after.test == before.test
    assert disjoint(groups(after).values())
    assert list(after.dev) == kept
    assert {example.id for example in free} <= ids(after)["train"] <= ids(before)["train"]


@settings(max_examples=20, deadline=None)
@given(seed=seeds, order=st.randoms(use_true_random=False), name=st.sampled_from(["random", "grouped", "official"]))
def test_the_order_of_rows_does_not_change_the_parts(seed: int, order: chance.Random, name: str) -> None:
    before = source([3, 1, 2, 1, 1] * 12)
    mixed = replace(before, train=tuple(order.sample(before.train, len(before.train))))
    split = SPLITS.get(name)
    assert ids(split(before, seed=seed)) == ids(split(mixed, seed=seed))


def test_another_seed_gives_other_parts() -> None:
    before = source([2, 1] * 60)
    for split in (random, grouped, official):
        assert ids(split(before, seed=1)) == ids(split(before, seed=1)) != ids(split(before, seed=2))


def test_rows_ordered_by_label_are_mixed() -> None:
    rows = tuple(row(number, "hate" if number < 100 else "not_hate") for number in range(200))
    after = random(Splits(name="sorted", train=rows), near_duplicates="never")
    assert [hateful(after.part(part)) for part in PARTS] == [0.5, 0.5, 0.5]


def test_processes_with_other_hash_seeds_part_alike() -> None:
    program = (
        "import hashlib, sys\n"
        "from hatetinyllm.data.split import grouped, random, official_leakfree\n"
        "from hatetinyllm.types import Example, Splits\n"
        "rows = tuple(Example(text=f'we {n % 37} came {n % 11} over {n}', id=str(n),\n"
        "             labels={'hate': (('hate', 'not_hate')[n % 2],)}) for n in range(300))\n"
        "splits = Splits(name='made-up', train=rows)\n"
        "all_ = [f(splits) for f in (grouped, random, official_leakfree)]\n"
        "made = [[e.id for e in s.rows()] + [s.how, *s.notes] for s in all_]\n"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(answers) == 1


def test_official_leaves_a_source_with_all_parts_as_it_is() -> None:
    before = source([1] * 40, parts=PARTS)
    assert official(before) == before


def test_official_carves_what_the_source_lacks_and_says_so() -> None:
    before = source([2] * 60, parts=("train", "test"))
    after = official(before)
    assert after.test == before.test
    assert len(after.dev) == pytest.approx(0.1 * len(before.train), abs=1)
    assert {*ids(after)["train"], *ids(after)["dev"]} == ids(before)["train"]
    assert not groups(after)["train"] & groups(after)["dev"]
    assert after.how == "official (carved dev 0.1 of train, seed 42; kin by recorded groups)"
    assert after.notes == (f"dev: the source has none here, so {len(after.dev)} rows were carved from train",)
    assert official(before, dev_share=0) == before


def test_official_carves_nothing_where_there_is_no_train() -> None:
    before = source([1] * 9, parts=("test",))
    assert official(before) == before
    assert official_leakfree(before).test == before.test


def test_leakfree_says_what_it_left_out_and_carves_without_leaks() -> None:
    rows = source([2] * 60).train
    before = Splits(name="made-up", train=rows[1:], test=rows[:1], notes=("first",))
    after = official_leakfree(before)
    assert (after.notes[0], after.notes[1]) == ("first", "train: 1 of 119 rows left out, kin of dev or test")
    assert after.how == "official-leakfree (carved dev 0.1 of train, seed 42; kin by recorded groups)"
    assert not groups(after)["train"] & groups(after)["dev"]


def test_random_tells_how_many_rows_leak() -> None:
    after = random(source([2] * 60))
    inside = {part: Counter(example.group for example in after.part(part)) for part in PARTS}
    for part in ("dev", "test"):
        leaked = sum(count for count in inside[part].values() if count < 2)
        assert (
            f"leaky: {leaked} of {len(after.part(part))} {part} rows have kin in another part (kin by recorded groups)"
            in after.notes
        )
    assert not any("leaky" in note for note in random(source([1] * 60)).notes)
    assert not any("leaky" in note for note in grouped(source([2] * 60)).notes)


def test_random_and_grouped_take_the_parts_they_are_told_to() -> None:
    before = source([1] * 90, parts=("train", "test"))
    for split in (random, grouped):
        after = split(before, parts=("train",), test_share=0.2, dev_share=0)
        assert {example.id for example in after.rows()} == ids(before)["train"]
        assert (len(after.train), len(after.dev), len(after.test)) == (36, 0, 9)
        assert "test: the source's 45 rows are not taken" in after.notes


def test_a_part_that_groups_leave_far_from_its_share_is_noted() -> None:
    after = grouped(source([30, 30, 30, 1, 1, 1, 1, 1, 1]), dev_share=0)
    assert any(note.startswith("test: ") and "groups of kin are not parted" in note for note in after.notes)


def test_all_that_is_wrong_with_the_options_is_told_at_once() -> None:
    for split in (random, grouped, official, official_leakfree):
        with pytest.raises(DataError) as caught:
            split(source([1] * 9), test_share=1.2, dev_share=-0.1, threshold=0, seed=-1)
        assert len(caught.value.problems) == 4
    with pytest.raises(DataError, match="leave nothing to train on"):
        random(source([1] * 9), test_share=0.5, dev_share=0.5)
    with pytest.raises(DataError, match="did you mean 'train'"):
        grouped(source([1] * 9), parts=("trian",))


def test_too_few_groups_are_an_error_that_counts_them() -> None:
    with pytest.raises(DataError) as caught:
        grouped(source([50, 4]))
    assert "there are 54 rows in 2 groups, the largest of 50 rows" in caught.value.problems
    assert any(problem == "dev gets no rows" for problem in caught.value.problems)


def test_no_rows_are_an_error() -> None:
    with pytest.raises(DataError, match="train gets no rows"):
        random(Splits(name="nothing"))


def test_a_label_that_does_not_reach_every_part_is_an_error() -> None:
    rows = [row(number, "hate" if number == 0 else "not_hate", number) for number in range(60)]
    with pytest.raises(DataError) as caught:
        random(Splits(name="rare", train=tuple(rows)))
    assert [problem for problem in caught.value.problems if "labelled hate, of 1" in problem] == [
        "dev gets no row labelled hate, of 1",
        "test gets no row labelled hate, of 1",
    ]


def test_leaving_out_kin_may_not_empty_a_part_or_take_a_label_from_it() -> None:
    train = (row(1, "hate", 1), row(2, "not_hate", 2), row(3, "not_hate", 3))
    before = Splits(name="made-up", train=train, dev=(row(4, "not_hate", 1), row(5, "hate", 1)), test=(row(6, "hate", 1),))
    with pytest.raises(DataError) as caught:
        official_leakfree(before)
    assert caught.value.problems[:2] == (
        "train: all rows labelled hate are kin of dev or test",
        "dev: all 2 rows are kin of test",
    )


def test_rows_without_a_label_are_parted_too() -> None:
    rows = [*source([1] * 60).train, *(Example(text="?", id=f"u{number}") for number in range(30))]
    after = random(Splits(name="made-up", train=tuple(rows)), near_duplicates="never")
    assert [sum(not example.labels for example in after.part(part)) for part in PARTS] == [21, 3, 6]


def test_every_option_of_every_split_has_a_help_line() -> None:
    options: Mapping[str, Any] = {name: read_options(SPLITS.place(name)) for name in SPLITS}
    assert set(options) == {"official", "random", "grouped", "official-leakfree", "from-file"}
    assert all(option.help for found in options.values() for option in found)


@pytest.mark.data
def test_dynahate_without_leaks_has_the_known_sizes(real_data: Path) -> None:
    before = load()
    after = official_leakfree(before)
    assert [len(after.part(part)) for part in PARTS] == [23_998, 3_425, 4_120]
    assert after.test == before.test
    kin = find_kin(list(after.rows()))
    held = dict(zip((example.id for example in after.rows()), kin.groups, strict=True))
    found = [{held[example.id] for example in after.part(part)} for part in PARTS]
    assert disjoint(found)


@pytest.mark.data
@pytest.mark.slow
def test_dynahate_without_recorded_groups_comes_to_the_same_sizes(real_data: Path) -> None:
    before = load()
    bare = {part: tuple(replace(example, group=None) for example in before.part(part)) for part in PARTS}
    after = official_leakfree(replace(before, **bare))  # type: ignore[arg-type]
    assert [len(after.part(part)) for part in PARTS] == [23_998, 3_425, 4_120]


@pytest.mark.data
def test_dynahate_grouped_keeps_its_shares_and_labels(real_data: Path) -> None:
    after = grouped(load())
    assert shares(after) == pytest.approx({"train": 0.7, "dev": 0.1, "test": 0.2}, abs=0.001)
    assert [hateful(after.part(part)) for part in PARTS] == pytest.approx([22_175 / 41_144] * 3, abs=0.001)
