"""The same figure for parts of the rows, and what becomes of pairs that differ in little."""

from collections.abc import Sequence

from hatetinyllm.evaluation.slices import Slice, by_facet
from hatetinyllm.reporting.charts import Axis, Bar, BarGroup, bars
from hatetinyllm.reporting.figure import difference, interval, share
from hatetinyllm.reporting.markup import figure, folded, grid, paragraph, tag
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import FACETS, measured, one_label, part_words, percent, with_interval
from hatetinyllm.reporting.table import Column, Row, cells

SHOWN = 16  # bars of a facet; the table has all
WORDS = {
    "flip": "pairs whose labels differ",
    "invariance": "pairs whose labels are the same",
}


def parts_of(subject: Subject) -> str:
    """A chart and a table for each facet."""
    found = by_facet(subject.judgement.slices)
    if not found:
        return paragraph(
            "Nothing but their scores tells these rows apart: the source records no round, type, target or function."
        )
    shown = {facet: slices for facet, slices in found.items() if any(one.result is not None for one in slices)}
    charts = [_chart(subject, facet, slices) for facet, slices in shown.items()]
    few = [FACETS.get(facet, facet).lower() for facet in found if facet not in shown]
    tables = [_table(facet, slices, subject.positive) for facet, slices in found.items()]
    whole = measured(subject.judgement.result, "accuracy")
    said = paragraph(
        f"Bars are macro-F1, or accuracy where a part holds one label only; all rows together have {whole} right.",
        "Intervals are of 95 %. A part of few rows is named and not judged.",
        f"Every part has too few rows by: {', '.join(few)}." if few else "",
    )
    return said + tag("div", *charts, class_="flow") + folded("The same as tables", *tables)


def contrasts_of(subject: Subject) -> str:
    """Pairs of matched texts, beside what two independent answers would reach."""
    found = subject.judgement.contrasts
    if not found:
        return ""
    columns = [
        Column(name="pairs"),
        *(
            Column(name=name, number=True)
            for name in ("count", "both right [95 %]", "if independent", "above that [95 %]", "same answer")
        ),
    ]
    rows = [
        cells(
            WORDS[one.kind],
            f"{one.pairs:,}",
            with_interval(one.consistent, one.interval),
            share(one.expected),
            difference(one.consistent - one.expected)
            + (f" {interval(one.above_expected.low, one.above_expected.high)}" if one.above_expected else ""),
            share(one.same),
        )
        for one in found
    ]
    return paragraph(
        "Two texts that differ in little: a model that reads what turns the label is right on both more often than two",
        "independent answers of the same accuracy; one that goes by the common words is so less often.",
    ) + grid("Contrast pairs", columns, rows)


def figure_of(slices: Sequence[Slice]) -> tuple[str, str]:
    """The metric a facet is shown by, and its words."""
    mixed = [one for one in slices if one.result is not None and not one_label(one.result)]
    judged = [one for one in slices if one.result is not None]
    return ("macro_f1", "macro-F1") if judged and len(mixed) == len(judged) else ("accuracy", "accuracy")


def _chart(subject: Subject, facet: str, slices: Sequence[Slice]) -> str:
    name, words = figure_of(slices)
    shown = sorted(sorted(slices, key=lambda one: -one.rows)[:SHOWN], key=list(slices).index)
    title = FACETS.get(facet, facet)
    whole = subject.judgement.result.metrics.get(name)
    chart = bars(
        f"{title}: {words}",
        [BarGroup(bars=tuple(_bar(one, name) for one in shown))],
        axis=Axis(name=words),
        level=("all rows", whole) if whole is not None else None,
        anchor=f"{subject.key}-by-{facet}",
    )
    more = f"The {SHOWN} largest of {len(slices)}; the tables below have all." if len(slices) > SHOWN else ""
    return figure(title, chart, more)


def _bar(one: Slice, name: str) -> Bar:
    label = f"{part_words(one.facet, one.word)} · {one.rows:,}"
    if one.result is None:
        return Bar(label=label, value=None, said="too few rows")
    found = one.result.intervals.get(name)
    return Bar(
        label=label, value=one.result.metrics.get(name), low=found.low if found else None, high=found.high if found else None
    )


def _table(facet: str, slices: Sequence[Slice], positive: str) -> str:
    names = ("accuracy", f"f1_{positive}", "macro_f1", "auroc")
    columns = [
        Column(name=""),
        *(
            Column(name=name, number=True)
            for name in ("rows", f"are {positive}", "accuracy", f"F1 of {positive}", "macro-F1", "AUROC")
        ),
    ]
    return grid(FACETS.get(facet, facet), columns, [_line(one, names) for one in slices])


def _line(one: Slice, names: Sequence[str]) -> Row:
    if one.result is None:
        return cells(part_words(one.facet, one.word), f"{one.rows:,}", "–", "too few", "–", "–", "–")
    shown = [measured(one.result, name) for name in names]
    if one_label(one.result):  # F1 of the one label is recall in another dress, and macro-F1 half of it
        shown[1:] = ["–"] * 3
    return cells(part_words(one.facet, one.word), f"{one.rows:,}", percent(one.result.prevalence), *shown)
