"""Rates: counted by hand, with Wilson's interval, in words, and on sentences that name every group."""

from dataclasses import replace

import pytest

from hatetinyllm.data.suite import Function
from hatetinyllm.metrics.rate import wilson
from hatetinyllm.studies.outcome import Outcome, SuiteResult
from hatetinyllm.studies.rates import comparable, counted, figures_of, in_words, rate_of, worst


def outcome(id: str, function: str, expected: str, said: str | None, **known: object) -> Outcome:
    return Outcome(
        id=id, function=function, expected=expected, said=said, passed=said == expected, score=None, digest="d", **known
    )  # fmt: skip


OUTCOMES = (
    outcome("a1", "attack", "hate", "hate", groups=("women",), template="1", partners=("p1", "s1")),
    outcome("a2", "attack", "hate", "hate", groups=("men",), template="1", partners=("p2", "s2")),
    outcome("p1", "praise", "not_hate", "hate", groups=("women",), template="2", partners=("a1",)),
    outcome("p2", "praise", "not_hate", "not_hate", groups=("men",), template="2", partners=("a2",)),
    outcome("p3", "praise", "not_hate", None, reason="empty_text"),
    outcome("s1", "spelling", "hate", "not_hate", groups=("women",), template="3", partners=("a1",)),
    outcome("s2", "spelling", "hate", "hate", partners=("a2",)),
)
RESULT = SuiteResult(
    suite="mine",
    digest="sha256:1",
    detector="first",
    kind="bundle",
    identity="sha256:2",
    asked="hate",
    outcomes=OUTCOMES,
    functions=(Function(name="attack"), Function(name="praise", description="people are praised"), Function(name="spelling")),
    band=None,
    decided="its own decisions",
)


def test_rates_by_function_label_and_all_are_counted() -> None:
    found = figures_of(RESULT)
    assert [(one.name, one.passed, one.cases, one.expected) for one in found.functions] == [
        ("attack", 2, 2, "hate"),
        ("praise", 1, 3, "not_hate"),
        ("spelling", 1, 2, "hate"),
    ]
    assert [(one.name, one.passed, one.cases) for one in found.labels] == [("hate", 3, 4), ("not_hate", 1, 3)]
    assert found.overall.share == pytest.approx(4 / 7)
    assert found.overall.expected == "both"
    assert found.macro == pytest.approx((1 + 1 / 3 + 1 / 2) / 3)
    assert found.functions[1].interval == wilson(1, 3)
    assert found.functions[1].unanswered == 1


def test_groups_are_compared_on_the_sentences_that_name_each_of_them() -> None:
    found = figures_of(RESULT)
    assert [(one.name, one.passed, one.cases) for one in found.groups] == [("men", 2, 2), ("women", 1, 2)]
    assert found.groups_of == "the sentences that name each of them in turn"
    loose = [replace(one, template=None) for one in OUTCOMES]
    said, cases = comparable(loose)
    assert said == "all cases that name them"
    assert len(cases) == 5


def test_pairs_stand_beside_what_independent_answers_would_reach() -> None:
    flip, keep = figures_of(RESULT).pairs
    assert (flip.kind, flip.pairs, flip.consistent) == ("flip", 2, 0.5)
    assert flip.expected == pytest.approx((3 / 4) ** 2)
    assert (keep.kind, keep.pairs, keep.consistent) == ("invariance", 2, 0.5)


def test_the_worst_functions_come_first_and_whole_ones_never() -> None:
    assert [rate.name for rate in worst(figures_of(RESULT))] == ["praise", "spelling"]
    assert [rate.name for rate in worst(figures_of(RESULT), 1)] == ["praise"]


def test_what_is_wrong_is_said_in_words() -> None:
    praise, spelling = worst(figures_of(RESULT))
    assert in_words(praise, OUTCOMES) == (
        "praise (people are praised): 1 of 3 pass (0.333 [0.061, 0.792]); it calls 1 of them hate and says nothing of 1"
    )
    assert in_words(spelling, OUTCOMES).endswith("it lets 1 pass as not hate")
    assert counted(rate_of("x", OUTCOMES[:2])) == "2 of 2 pass (1.000 [0.342, 1.000])"
