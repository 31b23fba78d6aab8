"""Modes are asked for by name: the numbers in a name are read, and what cannot be read is told, all of it."""

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.rule import FORMS, Rule, review_name, rules_of


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("balanced", Rule(name="balanced", kind="balanced")),
        ("high-precision", Rule(name="high-precision", kind="high-precision", share=0.9)),
        ("high-recall", Rule(name="high-recall", kind="high-recall", share=0.95)),
        ("fpr-1pct-95", Rule(name="fpr-1pct-95", kind="fpr", share=0.01, confidence=0.95)),
        ("fpr-0.5pct-90", Rule(name="fpr-0.5pct-90", kind="fpr", share=0.005, confidence=0.9)),
        ("fpr-1.0pct-99.9", Rule(name="fpr-1pct-99.9", kind="fpr", share=0.01, confidence=0.999)),
        ("review-2.5pct", Rule(name="review-2.5pct", kind="review", share=0.025)),
    ],
)
def test_a_name_is_read(name: str, rule: Rule) -> None:
    (found,) = rules_of([name])
    assert (found.name, found.kind) == (rule.name, rule.kind)
    assert (found.share, found.confidence) == pytest.approx((rule.share, rule.confidence))


def test_the_aims_can_be_changed() -> None:
    precise, whole = rules_of(["high-precision", "high-recall"], precision=0.8, recall=0.99)
    assert (precise.share, whole.share) == (0.8, 0.99)
    assert "80 %" in str(precise)
    assert "99 %" in str(whole)


@pytest.mark.parametrize(
    "name",
    [
        "fpr-0pct-95",
        "fpr-100pct-95",
        "fpr-1pct-100",
        "fpr-1pct-0",
        "fpr-1pct",
        "review-0pct",
        "review-100pct",
        "fpr--1pct-95",
        "",
    ],
)
def test_a_name_that_promises_nonsense_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        rules_of([name])


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(DataError) as caught:
        rules_of(["balansed", "fpr-1pct-95", "reviewing"], precision=0, recall=1.5)
    assert len(caught.value.problems) == 4
    assert "did you mean 'balanced'" in caught.value.problems[2]


def test_a_mode_stands_once_and_every_form_is_one() -> None:
    assert [rule.name for rule in rules_of(["fpr-1pct-95", "fpr-1.0pct-95.0"])] == ["fpr-1pct-95"]
    assert tuple(rule.name for rule in rules_of(FORMS)) == FORMS
    assert len({str(rule) for rule in rules_of(FORMS)}) == len(FORMS)


@pytest.mark.parametrize(
    ("budget", "name"), [(0.1, "review-10pct"), (0.025, "review-2.5pct"), (0.3, "review-30pct"), (0.07, "review-7pct")]
)
def test_a_budget_is_a_mode(budget: float, name: str) -> None:
    assert review_name(budget) == name
    assert rules_of([name])[0].share == pytest.approx(budget)
