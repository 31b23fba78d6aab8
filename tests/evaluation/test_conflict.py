"""Words that two parts label differently are found, chance is not, and the ceiling is the arithmetic it claims to be."""

from collections.abc import Sequence

import numpy as np
import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.conflict import ceiling, conflicts, hashtags, words
from hatetinyllm.types import Example, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def part(text: str, hateful: int, rows: int, *, mark: str) -> list[Example]:
    return [
        Example(
            text=f"{text} number {row}", id=f"{mark} {text} {row}", labels={"hate": ("hate" if row < hateful else "not_hate",)}
        )
        for row in range(rows)
    ]


TRAIN = [*part("build #ThatBridge", 98, 100, mark="train"), *part("a #sunny day", 50, 100, mark="train")]
TEST = [
    *part("so #thatbridge", 25, 100, mark="test"),
    *part("one #Sunny day", 46, 100, mark="test"),
    *part("no", 0, 9, mark="test"),
]


def test_a_word_of_two_policies_is_in_clear_conflict_and_another_is_not() -> None:
    found = conflicts(TRAIN, TEST, HATE)
    assert [(word.word, word.clear) for word in found.words] == [("#thatbridge", True), ("#sunny", False)]
    worst = found.words[0]
    assert (worst.one.share, worst.other.share) == (0.98, 0.25)
    assert worst.difference == pytest.approx(0.73)
    assert worst.interval.low < worst.difference < worst.interval.high
    assert worst.p <= worst.adjusted < 1e-20
    assert found.rows == 100  # of test say the word in conflict
    assert (found.one.rows, found.one.positive, found.other.rows, found.other.positive) == (200, 148, 209, 71)


def test_which_part_comes_first_only_turns_the_sign() -> None:
    there, back = conflicts(TRAIN, TEST, HATE), conflicts(TEST, TRAIN, HATE)
    assert [word.word for word in there.words] == [word.word for word in back.words]
    for one, other in zip(there.words, back.words, strict=True):
        assert one.difference == pytest.approx(-other.difference)
        assert (one.p, one.adjusted) == (other.p, other.adjusted)
        assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))


def test_words_of_few_rows_are_not_tried() -> None:
    assert conflicts(TRAIN, TEST, HATE, needed=101).words == ()
    rare = conflicts(TRAIN, [*TEST, *part("#new", 3, 3, mark="test")], HATE, needed=1)
    assert "#new" not in {word.word for word in rare.words}  # train has none of it
    with pytest.raises(DataError, match="from one row"):
        conflicts(TRAIN, TEST, HATE, needed=0)


def test_one_policy_in_both_parts_is_seldom_called_a_conflict() -> None:
    chance = np.random.default_rng(0)
    called = 0
    for draw in range(100):
        both = [
            [
                Example(text=f"#tag{tag} again", id=f"{side} {tag} {row}", labels={"hate": (HATE.labels[chance.integers(2)],)})
                for tag in range(5)
                for row in range(30)
            ]
            for side in (f"one {draw}", f"other {draw}")
        ]
        called += bool(conflicts(*both, HATE).clear)
    assert called <= 9  # Holm keeps any false call to 5 in 100; Fisher's test is stricter still


def test_rows_without_a_label_do_not_count_and_a_part_without_labels_is_refused() -> None:
    blank = [Example(text="#sunny", id="blank")]
    assert conflicts(TRAIN, [*TEST, *blank], HATE) == conflicts(TRAIN, TEST, HATE)
    with pytest.raises(DataError, match="none of the 1 rows"):
        conflicts(TRAIN, blank, HATE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#One, two #one and #Two_3!", {"#one", "#two_3"}),
        ("it&#39;s a#b # ##c", {"#c"}),
        ("", set()),
    ],
)
def test_hashtags_are_told_apart_from_entities_and_addresses(text: str, found: set[str]) -> None:
    assert hashtags(text) == found


def test_any_words_can_be_asked_about() -> None:
    assert words("It's a #Sunny day, @ann") == {"it's", "a", "#sunny", "day", "@ann"}
    assert "day" in {word.word for word in conflicts(TRAIN, TEST, HATE, marks=words).words}


def labelled(labels: Sequence[int]) -> list[Example]:
    return [Example(text="a text", id=str(row), labels={"hate": (HATE.labels[label],)}) for row, label in enumerate(labels)]


def test_the_ceiling_of_hateval_comes_out_of_its_counts() -> None:
    kept, changed, never = 1_260, 641, 1_099  # hate by both, by the relabelling alone, by neither
    official = labelled([1] * kept + [0] * changed + [0] * never)
    relabelled = labelled([1] * kept + [1] * changed + [0] * never)
    found = ceiling(official, relabelled[::-1], HATE, name="perfect by the other labels")
    assert found.metrics["accuracy"] == pytest.approx(0.786, abs=5e-4)
    assert found.metrics["macro_f1"] == pytest.approx(0.786, abs=5e-4)
    assert found.metrics["recall"] == 1


def test_the_same_labels_have_no_ceiling_below_one() -> None:
    assert ceiling(labelled([0, 1, 1]), labelled([0, 1, 1]), HATE, name="same").metrics["macro_f1"] == 1


def test_labels_of_other_rows_have_no_ceiling() -> None:
    with pytest.raises(DataError, match="not of the same rows"):
        ceiling(labelled([0, 1]), labelled([0, 1, 1]), HATE, name="other")
