"""How the detector does on functional tests: one row a function, the worst in words."""

from collections.abc import Sequence

from hatetinyllm.metrics.rate import wilson
from hatetinyllm.reporting.charts import heatmap
from hatetinyllm.reporting.figure import interval, share
from hatetinyllm.reporting.markup import bullets, columns, command, figure, folded, grid, paragraph, tag, text
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.suite import Suite, Tested
from hatetinyllm.reporting.report.wording import plural, sentence, spoken
from hatetinyllm.reporting.table import cells

LOW = 0.5  # below it more cases fail than pass
WORST = 5
NEEDED = 5  # cases of a function that name a group, before its share is shown


def functions_of(subject: Subject) -> str:
    """Every suite in turn; without one, what to run."""
    if not subject.suites:
        return paragraph(
            "Not run. Functional tests ask of one ability at a time, such as negated hate or counter-speech, and tell more than",
            "one figure does. A result is given to report by --suite:",
        ) + command("hatetinyllm check hatecheck BUNDLE --save suite.json")
    names = dict.fromkeys(suite.name for suite in subject.suites)
    each = [[suite for suite in subject.suites if suite.name == name] for name in names]
    return "".join(_suite(subject, number, suites) for number, suites in enumerate(each))


def worst_in_words(suite: Suite) -> list[str]:
    """The functions that fail most, each with what is said of it."""
    found = sorted((one for one in suite.functions if one.cases), key=lambda one: (one.passed / one.cases, one.name))
    return [
        f"{one.name}{f' ({one.description})' if one.description else ''}: {one.passed:,} of {plural(one.cases, 'case')} pass "
        f"({share(one.passed / one.cases)})."
        for one in found[:WORST]
    ]


def _suite(subject: Subject, number: int, suites: Sequence[Suite]) -> str:
    said = "".join(_said(subject, suite) for suite in suites)
    worst = "".join(tag("h4", text(_worst(suite, suites))) + bullets(worst_in_words(suite)) for suite in suites)
    title = f"{suites[0].name}: share of cases that pass"
    chart = heatmap_of(title, suites, anchor=f"{subject.key}-suite{number}")
    how = "The deeper the shade, the fewer pass; bold with a mark, more fail than pass. A dash: too few cases."
    shown = tag("div", figure(title, chart, how), class_="wide", role="region", tabindex="0", aria_label=title)
    tables = "".join(_table(suite) for suite in suites)
    return tag("h4", text(f"Suite {suites[0].name}")) + said + worst + shown + folded("With intervals, as tables", tables)


def heatmap_of(title: str, suites: Sequence[Suite], *, anchor: str) -> str:
    """Functions by detectors; of one detector, by whom the cases name."""
    first = suites[0]
    judged = sorted((one for one in first.functions if one.cases), key=lambda one: one.expected)
    if len(suites) > 1:
        heads = [suite.detector for suite in suites]
        found = [{one.name: one.passed / one.cases for one in suite.functions if one.cases} for suite in suites]
        values = [[rates.get(one.name) for rates in found] for one in judged]
    else:
        groups = [name for name in first.groups if any(_enough(one, name) for one in judged)]
        heads = ["all", *map(spoken, groups)]
        values = [[one.passed / one.cases, *(_rate_of(one, name) for name in groups)] for one in judged]
    headings = [f"expected: {one.expected}" for one in judged]
    whole = headings if len(set(headings)) > 1 else ()
    return heatmap(title, [one.name for one in judged], heads, values, bar=LOW, groups=whole, anchor=anchor)


def _said(subject: Subject, suite: Suite) -> str:
    judged = [one for one in suite.functions if one.cases]
    cases, passed = sum(one.cases for one in judged), sum(one.passed for one in judged)
    mean = sum(one.passed / one.cases for one in judged) / len(judged) if judged else None
    other = suite.identity and suite.identity != subject.judgement.identity
    return paragraph(
        f"{suite.detector} passes {passed:,} of {plural(cases, 'case')}: {_rate(passed, cases)};",
        f"the mean over functions is {share(mean)}.",
        sentence(f"decided by {suite.decided}") if suite.decided else "",
        "This is another detector than the one judged above." if other else "",
    )


def _worst(suite: Suite, suites: Sequence[Suite]) -> str:
    return "The worst functions" + (f" of {suite.detector}" if len(suites) > 1 else "")


def _enough(one: Tested, group: str) -> bool:
    return one.groups.get(group, (0, 0))[1] >= NEEDED


def _rate_of(one: Tested, group: str) -> float | None:
    passed, cases = one.groups.get(group, (0, 0))
    return passed / cases if cases >= NEEDED else None


def _table(suite: Suite) -> str:
    rows = [
        cells(one.name, f"{one.cases:,}", f"{one.passed:,}", _rate(one.passed, one.cases)) for one in suite.functions if one.cases
    ]
    return grid(f"{suite.name}, {suite.detector}", columns("function", "cases", "pass", "rate [95 %]"), rows)


def _rate(passed: int, cases: int) -> str:
    if not cases:
        return "–"
    between = wilson(passed, cases)
    return f"{share(passed / cases)} {interval(between.low, between.high)}"
