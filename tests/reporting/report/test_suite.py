"""The result of a suite is read whole, or what is wrong with it is told."""

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.reporting.report.suite import suite_in


def test_functions_with_their_counts() -> None:
    found = suite_in({"suite": "s", "detector": "d", "functions": [{"function": "f", "cases": 3, "passed": 2}]}, "s.json")
    assert (found.name, found.detector) == ("s", "d")
    assert [(one.name, one.cases, one.passed) for one in found.functions] == [("f", 3, 2)]


@pytest.mark.parametrize("content", [[], {}, {"functions": []}, {"functions": 3}, None])
def test_what_is_no_suite_is_told(content: object) -> None:
    with pytest.raises(DataError, match="no result of a suite"):
        suite_in(content, "s.json")


@pytest.mark.parametrize("one", [3, {}, {"function": "f", "cases": 1, "passed": 2}, {"name": "f", "cases": True, "passed": 0}])
def test_a_function_without_its_counts_is_told(one: object) -> None:
    with pytest.raises(DataError, match="cannot be read") as caught:
        suite_in({"functions": [one]}, "s.json")
    assert "functions[0]" in caught.value.problems[0]
