"""
The paper's tables of results beside ours: paper, ours, difference, interval, on its random split and without leaks.

Over several seeds "ours" is the mean, with its standard deviation and range beside it. The interval is of one test part
of that size, its rows resampled from the confusion averaged over the seeds: it tells how far the figure would wander on
other rows, and the spread how far on other seeds. What was not run stands as a dash and is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, pstdev

from hatetinyllm.metrics.feasible import Check, check, constant_answers, why_not
from hatetinyllm.metrics.interval import DRAWS, bootstrap, mean_confusion
from hatetinyllm.metrics.printed import Span, as_printed
from hatetinyllm.reporting.figure import DASH, between, difference, interval, share
from hatetinyllm.reporting.table import Cell, Column, Notes, Row, Table, cells
from hatetinyllm.studies import paper
from hatetinyllm.studies.cell import CellResult
from hatetinyllm.studies.settings import chosen, disagreements, of_method, settings_table, title_of, told_of, warning
from hatetinyllm.types import Result

TITLE = "HateTinyLLM: the paper's tables beside ours"
SPLITS: Mapping[str, str] = {
    "paper": "parted at random, 80/20 (the paper says nothing of it)",
    "leakfree": "leak-free: no row of test has kin among those learnt from",
}
FIGURES = (("accuracy", "accuracy", "accuracy"), ("F1 of hate", "f1_positive", "f1"))  # group, metric, the paper's word
INTERVAL_SEED = 0
SEEDS = "seeds"  # the column that counts the runs of a row


def make_tables(found: Sequence[CellResult]) -> tuple[Table, ...]:
    """Tables IV to VIII, and one of every reading where a zero-shot cell has several."""
    tables = [settings_table(number, found) for number in paper.SETTINGS]
    tables += [results_table(number, found) for number in paper.RESULTS]
    readings = readings_table(found)
    return (*tables, *([readings] if readings else []))


def results_table(number: str, found: Sequence[CellResult]) -> Table:
    """Table VI, VII or VIII."""
    own = of_method(number, found)
    several = len({cell.seed for cell in own}) > 1
    footnotes: list[str] = []
    rows: list[Row] = []
    for dataset, split in _sections(own):
        here = [cell for cell in own if (cell.dataset, cell.split) == (dataset, split)]
        rows.append((Cell(text=_section_title(dataset, split, here)),))
        models = list(dict.fromkeys([*paper.RESULTS[number], *(cell.model for cell in here)]))
        for model in models:
            runs = [cell.headline for cell in here if cell.model == model]
            printed = paper.RESULTS[number].get(model, {}).get(dataset)
            rows.append(_result_row(_name(model), runs, printed, dataset, footnotes, several=several))
        rows += _yardsticks(here, dataset, several=several)
    return Table(
        title=title_of(number, own),
        columns=_columns(several=several),
        rows=tuple(rows),
        notes=tuple(_notes(number, own, several=several)),
        footnotes=tuple(footnotes),
        warning=warning(own),
    )


def readings_table(found: Sequence[CellResult]) -> Table | None:
    """Every reading of the zero-shot cells, the headline first; None where no cell has more than that."""
    own = [cell for cell in of_method("VI", found) if len(cell.readings) > 1]
    if not own:
        return None
    rows: list[Row] = []
    for dataset, split in dict.fromkeys((cell.dataset, cell.split) for cell in own):
        here = [cell for cell in own if (cell.dataset, cell.split) == (dataset, split)]
        rows.append((Cell(text=_section_title(dataset, split, here)),))
        for model, name in dict.fromkeys((cell.model, reading.name) for cell in here for reading in cell.readings):
            runs = [reading for cell in here if cell.model == model for reading in cell.readings if reading.name == name]
            values = [_mean(runs, metric) for metric in ("accuracy", "f1_positive", "macro_f1", "auroc")]
            rows.append(cells(_name(model), name, *(share(value) for value in values)))
    names = ("accuracy", "F1 of hate", "macro-F1", "AUROC")
    return Table(
        title=f"{title_of('VI', own)}, every reading of the answers",
        columns=(Column(name="model"), Column(name="reading"), *(Column(name=name, number=True) for name in names)),
        rows=tuple(rows),
        notes=(Notes(title="How to read it", lines=lines),) if (lines := tuple(told_of(own))) else (),
        warning=warning(own),
    )


def run_in_words(found: Sequence[CellResult]) -> tuple[str, ...]:
    """How much of the paper's grid was run."""
    wanted = {(number, model, dataset, split) for number in paper.RESULTS for model, dataset, split in _expected(number)}
    done = {
        (number, cell.model, cell.dataset, cell.split) for number in paper.RESULTS for cell in of_method(number, found)
    } & wanted
    told = f"{len(done)} of {len(wanted)} cells of tables VI to VIII were run; the others are shown as {DASH}."
    return (warning(found), told) if warning(found) else (told,)


def checked(figures: paper.Figures, dataset: str) -> Check:
    """A printed cell against arithmetic, at the dataset's own share of hate."""
    hateful, every = paper.PREVALENCE[dataset]
    return check(
        as_printed(figures.accuracy, "accuracy", digits=paper.DIGITS),
        as_printed(figures.f1, "F1", digits=paper.DIGITS),
        Span(low=hateful / every, high=hateful / every),
    )


def _columns(*, several: bool) -> tuple[Column, ...]:
    made = [Column(name="model"), Column(name=SEEDS, number=True)]
    for group, _, _ in FIGURES:
        names = ["paper", "ours", *(["sd (range)"] if several else []), "difference", "95 % interval"]
        made += [Column(name=name, number=True, group=group) for name in names]
    return (*made, Column(name="ours", number=True, group="macro-F1"))


def _result_row(
    name: str,
    runs: Sequence[Result],
    printed: paper.Figures | None,
    dataset: str,
    footnotes: list[str],
    *,
    several: bool,
) -> Row:
    marks: tuple[int, ...] = ()
    if printed and not (found := checked(printed, dataset)).possible:
        marks = (_footnote(footnotes, why_not(found)),)
    made: list[Cell] = []
    for _, metric, word in FIGURES:
        stated = getattr(printed, word) if printed else None
        made.append(Cell(text=DASH if stated is None else stated.removeprefix("0"), marks=marks, wrong=bool(marks)))
        made += cells(*_ours(runs, metric, stated, several=several))
    return cells(name, len(runs) or DASH, *made, share(_mean(runs, "macro_f1")))


def _ours(runs: Sequence[Result], metric: str, stated: str | None, *, several: bool) -> Iterator[str]:
    """Ours, the spread over seeds, the difference, the interval."""
    value = _mean(runs, metric)
    yield share(value)
    if several:
        yield _spread([_metric(run, metric) for run in runs]) if len(runs) > 1 else DASH
    yield difference(None if value is None or stated is None else value - float(stated))
    if not runs:
        yield DASH
        return
    low, high = bootstrap(mean_confusion(runs), metric, INTERVAL_SEED)
    yield interval(low, high)


def _yardsticks(here: Sequence[CellResult], dataset: str, *, several: bool) -> Iterator[Row]:
    """TF-IDF where a cell has it, and what one answer to every text comes to."""
    baselines = {cell.seed: cell.baseline for cell in here if cell.baseline}
    if baselines:
        runs = [found for found in baselines.values() if found]
        yield _result_row("TF-IDF", runs, None, dataset, [], several=several)
    hateful, every = paper.PREVALENCE.get(dataset, (0, 0))
    hate = fmean(cell.headline.prevalence for cell in here) if here else hateful / every if every else None
    for answer, found in zip(("always hate", "always not"), constant_answers(hate) if hate else (), strict=False):
        gap = [DASH] * (3 if several else 2)
        figures = [share(found.accuracy), share(found.f1["f1_positive"])]
        parts = [part for text in figures for part in (DASH, text, *gap)]
        yield cells(answer, DASH, *parts, share(found.f1["macro_f1"]))


def _notes(number: str, own: Sequence[CellResult], *, several: bool) -> Iterator[Notes]:
    expected = list(_expected(number))
    done = {(cell.model, cell.dataset, cell.split) for cell in own}
    missing = [place for place in expected if place not in done]
    told = [
        f"{len(expected) - len(missing)} of {len(expected)} places are filled: the paper's {len(expected) // len(SPLITS)} cells, "
        f"each on {len(SPLITS)} splits; what was not run, or failed, is shown as {DASH}.",
        "Paper: as printed, to two digits; a difference below .005 is none.",
        "The paper does not say which F1 it prints. On DynaHate the F1 of one label, hate or not, fits all its ten cells; "
        "macro-F1 fits two of them, weighted F1 five.",
        "TF-IDF: words and characters, and a logistic regression, untuned. Always hate, always not: one answer to every row.",
        f"Interval: 95 %, {DRAWS:,} resamplings of the rows of one test part"
        + (", from the confusion averaged over the seeds." if several else "; of the only seed.")
        + " Rows are taken as independent: where kin of each other stand in one test part, the interval is too narrow.",
        "Without leaks, the difference is between two test parts: the paper's, parted in a way it does not say, and ours.",
    ]
    told += ["Ours: the mean over seeds; beside it their standard deviation and, in brackets, their range."] if several else []
    told += told_of(own)
    yield Notes(title="How to read it", lines=tuple(told))
    yield from chosen(number, own)
    yield Notes(title="What the paper's figures imply, if its F1 is of hate", lines=tuple(_implied(number)))
    yield from disagreements(number)


def _implied(number: str) -> Iterator[str]:
    for model, row in paper.RESULTS[number].items():
        for dataset, figures in row.items():
            found = checked(figures, dataset).readings["f1_positive"]
            place, recall, precision = f"{_name(model)}, {paper.DATASETS[dataset]}", found.recall, found.precision
            if recall and precision:
                yield f"{place}: recall {between(recall.low, recall.high)}, precision {between(precision.low, precision.high)}"
            else:
                yield f"{place}: impossible"


def _sections(own: Sequence[CellResult]) -> list[tuple[str, str]]:
    """Dataset and split, the paper's datasets and both splits first, whatever else was run after them."""
    usual = [(dataset, split) for dataset in paper.DATASETS for split in SPLITS]
    return list(dict.fromkeys([*usual, *((cell.dataset, cell.split) for cell in own)]))


def _expected(number: str) -> Iterator[tuple[str, str, str]]:
    for model, row in paper.RESULTS[number].items():
        yield from ((model, dataset, split) for dataset in row for split in SPLITS)


def _section_title(dataset: str, split: str, here: Sequence[CellResult]) -> str:
    title = f"{paper.DATASETS.get(dataset, dataset)}, {SPLITS.get(split, split)}"
    if not here:
        return title
    rows = sorted({cell.headline.rows for cell in here})
    counted = f"{rows[0]:,}" if len(rows) == 1 else f"{rows[0]:,} to {rows[-1]:,}"
    return f"{title}; {counted} rows judged, {fmean(cell.headline.prevalence for cell in here) * 100:.1f} % hate"


def _metric(result: Result, metric: str) -> float:
    value = result.metrics.get(metric.replace("positive", result.positive))
    assert value is not None, (result.name, metric)
    return value


def _mean(runs: Sequence[Result], metric: str) -> float | None:
    names = [metric.replace("positive", run.positive) for run in runs]
    values = [run.metrics.get(name) for run, name in zip(runs, names, strict=True)]
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def _spread(values: Sequence[float]) -> str:
    return f"{share(pstdev(values))} ({between(min(values), max(values), 3)})"


def _footnote(footnotes: list[str], text: str) -> int:
    if text not in footnotes:
        footnotes.append(text)
    return footnotes.index(text)


def _name(model: str) -> str:
    return paper.MODELS.get(model, model)
