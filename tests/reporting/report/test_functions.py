"""Functions in a heatmap, the worst in words; without a suite, what to run."""

from dataclasses import replace

from hatetinyllm.reporting.report.functions import functions_of, worst_in_words
from hatetinyllm.reporting.report.suite import Suite


def test_each_function_has_its_row_and_its_groups_their_cells(subject, see) -> None:
    page = see(functions_of(subject))
    assert "passes 13 of 30 cases: .433" in page.said
    assert "the mean over functions is .575" in page.said
    assert ".10 ▾" in page.said
    assert "never asked" not in page.said


def test_the_worst_come_first(suite) -> None:
    assert [line.split(":")[-1].split(" of")[0].strip() for line in worst_in_words(suite)] == ["3", "10"]


def test_without_a_suite_the_command_is_told(bare) -> None:
    assert "hatetinyllm check" in functions_of(bare)


def test_a_suite_without_cases_is_a_suite_too(subject, see) -> None:
    empty = Suite(name="empty", detector="d", functions=())
    see(functions_of(replace(subject, suites=(empty,))))
