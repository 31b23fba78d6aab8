"""The headline: the figure that counts, with its interval, beside what anybody would get without reading."""

from hatetinyllm.reporting.charts import Axis, Bar, BarGroup, bars
from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.markup import figure, grid, paragraph, tag, text
from hatetinyllm.reporting.report.leak import beside_the_point
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import measured, metric_words, one_label, percent, with_interval
from hatetinyllm.reporting.table import Column, cells
from hatetinyllm.types import Interval, Result

NUMBERS = ("macro_f1", "f1_POS", "auroc", "accuracy")


def headline_of(subject: Subject) -> str:
    """The figures as tiles, a sentence on what they mean, and the bars and the table of all who answered."""
    result = subject.judgement.result
    first = headline_metric(result)
    tiles = [_tile(result, name, large=name == first) for name in _names(result) if name in result.metrics]
    return "".join(
        [
            _leak_warning(subject),
            tag("div", *tiles, class_="tiles"),
            tag("div", _chart(subject, first), tag("div", *map(paragraph, sentences_of(subject)), class_="lead"), class_="pair"),
            _table(subject),
        ]
    )


def headline_metric(result: Result) -> str:
    """Macro-F1; accuracy where all rows have one label."""
    return "accuracy" if one_label(result) or result.metrics.get("macro_f1") is None else "macro_f1"


def sentences_of(subject: Subject) -> list[str]:
    """What the headline comes to, said plainly: against those who read nothing, and against TF-IDF."""
    judgement, result = subject.judgement, subject.judgement.result
    name = headline_metric(result)
    words = metric_words(result)[name][0]
    said = [
        f"{percent(result.prevalence)} of the {result.rows:,} rows are {result.positive}, so calling every row "
        f"{result.positive} has an F1 of {share(_f1_of_all(result.prevalence))}."
    ]
    for other in judgement.others:
        if other.name.startswith("always") or other.metrics.get(name) is None:
            continue
        said.append(_against(words, (result.metrics[name], result.intervals.get(name)), other, name))
    return said


def _leak_warning(subject: Subject) -> str:
    """A figure on a split that leaks is told as one before it is read."""
    if subject.audit is None or subject.audit["verdict"] != "leaks" or beside_the_point(subject):
        return ""
    seen = tag("a", text("Why"), href=f"#{subject.key}-leak")
    said = text("An audit found that answers can be looked up in train: read these figures as those of this split alone. ")
    return tag("p", tag("strong", "The split leaks. "), said, seen, text("."), class_="warning")


def _against(words: str, own: tuple[float | None, Interval | None], other: Result, name: str) -> str:
    theirs = other.intervals.get(name)
    if own[0] is None or own[1] is None or theirs is None:
        return f"{other.name} reaches a {words} of {measured(other, name)}."
    if own[1].low > theirs.high:
        return f"Its {words} is above that of {other.name} ({measured(other, name)}), and the intervals do not meet."
    if own[1].high < theirs.low:
        return f"Its {words} is below that of {other.name} ({measured(other, name)}), and the intervals do not meet."
    return (
        f"The interval of its {words} meets that of {other.name} ({measured(other, name)}): whether they differ is for a paired "
        "test to say (hatetinyllm compare)."
    )


def _f1_of_all(prevalence: float) -> float:
    return 2 * prevalence / (1 + prevalence)


def _names(result: Result) -> list[str]:
    return [name.replace("POS", result.positive) for name in NUMBERS]


def _tile(result: Result, name: str, *, large: bool) -> str:
    words = metric_words(result)[name][0]
    found = result.intervals.get(name)
    between = f"{share(found.low)} to {share(found.high)}" if found else "no interval"
    return tag(
        "div",
        tag("span", text(words), class_="name"),
        tag("span", text(share(result.metrics[name])), class_="figure"),
        tag("span", text(between), class_="between"),
        class_="tile large" if large else "tile",
    )


def _everybody(subject: Subject) -> list[tuple[str, Result]]:
    judgement = subject.judgement
    return [(judgement.name, judgement.result), *((one.name, one) for one in reversed(judgement.others))]


def _chart(subject: Subject, name: str) -> str:
    found = [_bar(said, one, name, number) for number, (said, one) in enumerate(_everybody(subject))]
    words = metric_words(subject.judgement.result)[name][0]
    chart = bars(
        f"{words} beside the baselines", [BarGroup(bars=tuple(found))], axis=Axis(name=words), anchor=f"{subject.key}-beside"
    )
    return figure(f"{words} beside the baselines", chart, "With 95 % intervals; all answer the same rows.")


def _bar(said: str, one: Result, name: str, number: int) -> Bar:
    found = one.intervals.get(name)
    low, high = (found.low, found.high) if found else (None, None)
    return Bar(label=said, value=one.metrics.get(name), low=low, high=high, number=0 if number == 0 else 5)


def _table(subject: Subject) -> str:
    result = subject.judgement.result
    names = _names(result)
    columns = [
        Column(name=""),
        *(Column(name=metric_words(result)[name][0], number=True) for name in names if name in result.metrics),
    ]
    rows = [
        cells(said, *(with_interval(one.metrics[name], one.intervals.get(name)) for name in names if name in result.metrics))
        for said, one in _everybody(subject)
    ]
    return grid(f"On {result.name}, with 95 % intervals", columns, rows)
