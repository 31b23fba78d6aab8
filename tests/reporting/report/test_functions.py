"""Functions in a heatmap, the worst in words; without a suite, what to run."""

from dataclasses import replace

from hatetinyllm.reporting.report.functions import functions_of, worst_in_words
from hatetinyllm.reporting.report.suite import Suite


def test_each_function_has_its_row_and_its_groups_their_cells(subject, see) -> None:
    page = see(functions_of(subject))
    assert "passes 13 of 30 cases: .433" in page.said
    assert "the mean over functions is .575" in page.said
    assert ".10 ▾" in page.said
    assert "expected: not_hate" in page.said
    assert "never asked" not in page.said


def test_a_group_of_few_cases_has_no_share(subject, see) -> None:
    page = see(functions_of(subject))
    assert "sailors" in page.texts
    assert "bakers" not in page.texts


def test_the_worst_come_first_with_what_is_said_of_them(suite) -> None:
    first, second = worst_in_words(suite)
    assert first.endswith("(<script>alert('x')</script> & \"quoted\"): 3 of 20 cases pass (.150).")
    assert second == "plain: 10 of 10 cases pass (1.000)."


def test_one_suite_of_several_detectors_is_one_chart(subject, suite, see) -> None:
    other = replace(suite, detector="the other", identity="sha256:other", decided="mode balanced")
    page = see(functions_of(replace(subject, suites=(suite, other))))
    assert [tag for tag, _ in page.tags].count("svg") == 1
    assert "The worst functions of the other" in page.said
    assert "another detector than the one judged above" in page.said
    assert "Decided by mode balanced." in page.said


def test_without_a_suite_the_command_is_told(bare) -> None:
    assert "hatetinyllm check" in functions_of(bare)


def test_a_suite_without_cases_is_a_suite_too(subject, see) -> None:
    empty = Suite(name="empty", detector="d", functions=())
    see(functions_of(replace(subject, suites=(empty,))))
