"""What was right, what was missed, what was a false alarm; and what a band of doubt leaves to people."""

from hatetinyllm.reporting.charts import Stack, stacked
from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.markup import figure, folded, grid, paragraph, tag
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import measured, metric_words, plural, with_interval
from hatetinyllm.reporting.table import Column, cells


def confusion_of(subject: Subject) -> str:
    """The table, the shares as bars, and every figure."""
    result = subject.judgement.result
    labels = (subject.negative, subject.positive)
    columns = [
        Column(name=""),
        *(Column(name=f"called {label}", number=True) for label in labels),
        Column(name="rows", number=True),
    ]
    rows = [
        cells(
            f"is {truth}",
            *(f"{result.confusion[truth][label]:,}" for label in labels),
            f"{sum(result.confusion[truth].values()):,}",
        )
        for truth in labels
    ]
    parts = [
        Stack(
            label=f"is {truth}",
            parts=(float(result.confusion[truth][truth]), float(result.confusion[truth][other])),
            said=plural(sum(result.confusion[truth].values()), "row"),
        )
        for truth, other in (labels, labels[::-1])
    ]
    title = "Right and wrong"
    chart = stacked(title, parts, ("right", "wrong"), anchor=f"{subject.key}-wrong")
    table = grid("Rows by what they are and what they were called", columns, rows)
    return tag("div", table, figure(title, chart), class_="pair") + _review(subject) + folded("Every figure", figures_of(subject))


def figures_of(subject: Subject) -> str:
    """Every metric with its interval and its meaning."""
    result = subject.judgement.result
    columns = [Column(name="figure"), Column(name="value [95 %]", number=True), Column(name="what it is")]
    rows = [cells(words, measured(result, name), meaning) for name, (words, meaning) in metric_words(result).items()]
    return grid(f"Every figure on {result.name}", columns, rows)


def _review(subject: Subject) -> str:
    review = subject.judgement.review
    if review is None:
        return paragraph("The mode decides every row; none is left to people.")
    return paragraph(
        f"The mode leaves {plural(review.rows, 'row')} to people, {with_interval(review.share, review.interval)} of all;",
        f"of the rest it has {share(review.accuracy)} right.",
    )
