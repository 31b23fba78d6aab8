"""How the detector does on functional tests: one row a function, the worst in words."""

from collections.abc import Sequence

from hatetinyllm.metrics.rate import wilson
from hatetinyllm.reporting.charts import heatmap
from hatetinyllm.reporting.figure import interval, share
from hatetinyllm.reporting.markup import bullets, command, figure, folded, grid, paragraph, tag, text
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.suite import Suite, Tested
from hatetinyllm.reporting.report.wording import plural
from hatetinyllm.reporting.table import Column, cells

LOW = 0.5  # below it more cases fail than pass
WORST = 5


def functions_of(subject: Subject) -> str:
    """Every suite in turn; without one, what to run."""
    if not subject.suites:
        return paragraph(
            "Not run. Functional tests ask of one ability at a time, such as negated hate or counter-speech, and tell more than",
            "one figure does. A result is given to report by --suite:",
        ) + command("hatetinyllm check hatecheck BUNDLE --json > suite.json")
    return "".join(_suite(subject, number, suite) for number, suite in enumerate(subject.suites))


def worst_in_words(suite: Suite) -> list[str]:
    """The functions that fail most."""
    found = sorted((one for one in suite.functions if one.cases), key=lambda one: (one.passed / one.cases, one.name))
    return [
        f"{one.name}: {one.passed:,} of {plural(one.cases, 'case')} pass ({share(one.passed / one.cases)})."
        for one in found[:WORST]
    ]


def _suite(subject: Subject, number: int, suite: Suite) -> str:
    judged = [one for one in suite.functions if one.cases]
    cases, passed = sum(one.cases for one in judged), sum(one.passed for one in judged)
    mean = sum(one.passed / one.cases for one in judged) / len(judged) if judged else None
    said = paragraph(
        f"{suite.detector} passes {passed:,} of {plural(cases, 'case')}: {_rate(passed, cases)};",
        f"the mean over functions is {share(mean)}.",
    )
    title = f"{suite.name}: share of cases that pass"
    chart = heatmap(
        title,
        [one.name for one in judged],
        ["pass", *suite.groups],
        [[one.passed / one.cases, *_by_group(one, suite.groups)] for one in judged],
        bar=LOW,
        anchor=f"{subject.key}-suite{number}",
    )
    how = "The deeper the shade, the fewer pass; bold with a mark, more fail than pass."
    worst = tag("h4", text("The worst functions")) + bullets(worst_in_words(suite))
    return (
        tag("h4", text(suite.name))
        + said
        + tag("div", worst, tag("div", figure(title, chart, how), class_="wide", role="region", tabindex="0", aria_label=title))
        + folded("The same as a table", _table(suite.name, judged))
    )


def _by_group(one: Tested, groups: Sequence[str]) -> list[float | None]:
    return [
        passed / cases if (cases := one.groups.get(name, (0, 0))[1]) else None
        for name in groups
        for passed in [one.groups.get(name, (0, 0))[0]]
    ]


def _table(name: str, judged: Sequence[Tested]) -> str:
    columns = [Column(name="function"), *(Column(name=said, number=True) for said in ("cases", "pass", "rate [95 %]"))]
    rows = [cells(one.name, f"{one.cases:,}", f"{one.passed:,}", _rate(one.passed, one.cases)) for one in judged]
    return grid(name, columns, rows)


def _rate(passed: int, cases: int) -> str:
    if not cases:
        return "–"
    between = wilson(passed, cases)
    return f"{share(passed / cases)} {interval(between.low, between.high)}"
