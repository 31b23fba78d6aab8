"""Several judgements side by side: a line for each, paired differences where they are of the same rows, the spread of seeds."""

from collections.abc import Mapping, Sequence

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.compare import Comparison, compare
from hatetinyllm.evaluation.matched import System
from hatetinyllm.evaluation.seeds import spread_of
from hatetinyllm.reporting.charts import Axis, Bar, BarGroup, bars
from hatetinyllm.reporting.figure import difference, interval, share
from hatetinyllm.reporting.markup import columns, figure, folded, grid, paragraph, tag, text
from hatetinyllm.reporting.report.headline import headline_metric
from hatetinyllm.reporting.report.provenance import without_seeds
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import measured, metric_words, percent, sentence
from hatetinyllm.reporting.table import Column, cells

NUMBERS = ("macro_f1", "f1_POS", "auroc", "accuracy")


def compared_of(subjects: Sequence[Subject]) -> str:
    """The table first, then the bars, then what can be said of differences."""
    systems = systems_of(subjects)
    spreads = [_spread(system) for system in systems if len(system.judgements) > 1]
    return _table(subjects) + _chart(subjects) + "".join(spreads) + (_differences(systems) if len(systems) > 1 else "")


def systems_of(subjects: Sequence[Subject]) -> list[System]:
    """
    Judgements in one mode whose recipes differ in their seeds alone are one system; any other is one of its own.

    The very same recipe twice is one training judged twice (in another mode, or calibrated), and no second seed.
    """
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        recipe = _recipe(subject)
        key = f"{subject.judgement.mode} {without_seeds(recipe)}" if recipe else subject.key
        again = any(_recipe(other) == recipe for other in found.get(key, ()))
        found.setdefault(subject.key if again else key, []).append(subject)
    taken: dict[str, int] = {}
    systems = []
    for own in found.values():
        name = own[0].judgement.name
        taken[name] = taken.get(name, 0) + 1
        said = name if taken[name] == 1 else f"{name} ({taken[name]})"
        systems.append(System(name=said, judgements=tuple(one.judgement for one in own)))
    return systems


def _recipe(subject: Subject) -> str:
    return str(subject.judgement.manifest.get("recipe") or "")


def _table(subjects: Sequence[Subject]) -> str:
    positive = subjects[0].positive
    names = [name.replace("POS", positive) for name in NUMBERS]
    words = metric_words(subjects[0].judgement.result)
    heads = ["rows", f"are {positive}", *(words[name][0] if name in words else name for name in names)]
    named = [Column(name=""), *columns("on", *heads)]
    rows = []
    for one in subjects:
        judgement, result = one.judgement, one.judgement.result
        figures = [measured(result, name) for name in names]
        rows.append(cells(judgement.name, result.name, f"{result.rows:,}", percent(result.prevalence), *figures))
    return grid("Every judgement, with 95 % intervals", named, rows)


def _chart(subjects: Sequence[Subject]) -> str:
    name = headline_metric(subjects[0].judgement.result)
    words = metric_words(subjects[0].judgement.result)[name][0]
    groups: Mapping[str, list[Bar]] = {one.judgement.result.name: [] for one in subjects}
    for one in subjects:
        found = one.judgement.result.intervals.get(name)
        low, high = (found.low, found.high) if found else (None, None)
        value = one.judgement.result.metrics.get(name)
        groups[one.judgement.result.name].append(Bar(label=one.judgement.name, value=value, low=low, high=high))
    title = f"{words} of each"
    made = [BarGroup(title=said if len(groups) > 1 else "", bars=tuple(own)) for said, own in groups.items()]
    return tag("div", figure(title, bars(title, made, axis=Axis(name=words), anchor="compared-bars")), class_="charts")


def _spread(system: System) -> str:
    """How far one seed lies from another."""
    try:
        found = spread_of([one.result for one in system.judgements])
    except DataError as error:
        return paragraph(f"{system.name}: {error.message}.")
    words = metric_words(system.judgements[0].result)
    rows = {
        name: cells(words[name][0], *(share(value) for value in (one.mean, one.deviation, one.low, one.high)))
        for name, one in ((name, found[name]) for name in words if name in found)
    }
    first = [name.replace("POS", system.judgements[0].result.positive) for name in NUMBERS]
    heads = columns("figure", "mean", "sd", "lowest", "highest")
    title = f"{system.name} over {len(system.judgements)} seeds"
    shown = grid(title, heads, [rows[name] for name in first if name in rows])
    return shown + folded("Every figure over the seeds", grid(f"{title}: every figure", heads, list(rows.values())))


def _differences(systems: Sequence[System]) -> str:
    try:
        found = compare(systems)
    except DataError as error:
        return paragraph(f"No paired difference: {error.message}.", *(f"{problem}." for problem in error.problems))
    words = metric_words(systems[0].judgements[0].result)
    return tag("h4", text("Differences on the same rows")) + _pairs(found, words)


def _pairs(found: Comparison, words: Mapping[str, tuple[str, str]]) -> str:
    heads = [Column(name="pair"), *columns("figure", "difference [95 %]", "p", "p, corrected")]
    rows = []
    for pair in found.pairs:
        for number, one in enumerate(pair.differences):
            between = f" {interval(one.interval.low, one.interval.high)}" if one.interval else ""
            said = f"{pair.one} less {pair.other}" if number == 0 else ""
            rows.append(
                cells(
                    said,
                    words.get(one.metric, (one.metric, ""))[0],
                    difference(one.difference) + between,
                    share(one.p),
                    share(one.adjusted),
                )
            )
    said = paragraph(
        f"Paired bootstrap over the {found.rows:,} rows that all judged, {found.draws:,} draws; p is two-sided, and corrected",
        "by Holm over all differences.",
        *map(sentence, found.notes),
    )
    tests = [
        f"{pair.one} and {pair.other}: {pair.mcnemar.only_a:,} rows only the first has right, {pair.mcnemar.only_b:,} only the "
        f"second; McNemar ({pair.mcnemar.how}) p {share(pair.mcnemar.p)}, corrected {share(pair.adjusted)}."
        for pair in found.pairs
        if pair.mcnemar is not None
    ]
    return said + grid("Differences", heads, rows) + "".join(paragraph(one) for one in tests)
