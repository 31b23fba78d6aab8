"""The result of a suite is counted anew, or what is wrong with it is told."""

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.reporting.report.suite import suite_in


def outcome(function: str, passed: bool, *groups: str, expected: str = "hate") -> dict:
    return {"function": function, "expected": expected, "passed": passed, "groups": list(groups)}


def test_cases_are_counted_by_function_and_by_group() -> None:
    outcomes = [
        outcome("b", True, "x"),
        outcome("b", False, "x", "y"),
        outcome("a", True, expected="not_hate"),
        outcome("c", False),
    ]
    functions = [{"name": "c", "description": "said of c"}, {"name": "gone"}, {"name": "b"}]
    found = suite_in({"suite": "s", "detector": "d", "outcomes": outcomes, "functions": functions, "identity": "i"}, "s.json")
    assert (found.name, found.detector, found.identity, found.groups) == ("s", "d", "i", ("x", "y"))
    assert [(one.name, one.cases, one.passed, one.expected) for one in found.functions] == [
        ("c", 1, 0, "hate"),
        ("b", 2, 1, "hate"),
        ("a", 1, 1, "not_hate"),
    ]
    assert found.functions[0].description == "said of c"
    assert found.functions[1].groups == {"x": (1, 2), "y": (0, 1)}


def test_a_function_of_both_labels_says_so() -> None:
    found = suite_in({"outcomes": [outcome("a", True), outcome("a", True, expected="not_hate")]}, "s.json")
    assert found.functions[0].expected == "hate and not_hate"
    assert (found.name, found.detector) == ("s.json", "the detector")


def test_only_the_commonest_groups_are_columns() -> None:
    found = suite_in({"outcomes": [outcome("a", True, *(f"g{number}" for number in range(20))), outcome("a", True, "g19")]}, "s")
    assert len(found.groups) == 8
    assert found.groups[0] == "g19"


@pytest.mark.parametrize("content", [[], {}, {"outcomes": []}, {"outcomes": 3}, None])
def test_what_is_no_suite_is_told(content: object) -> None:
    with pytest.raises(DataError, match="no result of a suite"):
        suite_in(content, "s.json")


@pytest.mark.parametrize(
    "one",
    [3, {}, {**outcome("f", True), "passed": 1}, {**outcome("f", True), "groups": "x"}, {**outcome("f", True), "groups": [3]}],
)
def test_an_outcome_that_cannot_be_counted_is_told(one: object) -> None:
    with pytest.raises(DataError, match="cannot be read") as caught:
        suite_in({"outcomes": [outcome("f", True), one]}, "s.json")
    assert caught.value.problems[0].startswith("outcomes[1] ")
    assert len(caught.value.problems) == 2
