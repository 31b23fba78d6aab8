"""`check-table`: whether accuracies and F1s in print can be true."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import Json, err, out, say_json, table
from hatetinyllm.errors import DataError, HateTinyLLMError, TableError, did_you_mean

if TYPE_CHECKING:
    from hatetinyllm.metrics.feasible import Check
    from hatetinyllm.metrics.printed import Span

LEAST = 2e-6  # nearer to 0 or 1 a span has been cut there
COLUMNS = ("name", "accuracy", "f1", "prevalence", "rows")
SOURCES = "a FILE, --paper, or the three of --accuracy, --f1 and --prevalence"
NAMES = ("name", "model", "cell", "row")  # columns that may hold the name, the first that is there
LETTERS = {"f1_positive": "p", "f1_negative": "n", "macro_f1": "m", "weighted_f1": "w"}
LEGEND = """
F1 of: what the F1 can be of: p the positive label, n the negative, m their mean (macro), w weighted by their rows
recall, precision: of the positive label, if the F1 is of it; every figure stands for all values that round to it"""


def check_table(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV or JSON with name, accuracy, f1, prevalence and perhaps rows; refused whole if any row cannot be read."
        ),
    ] = None,
    accuracy: Annotated[str | None, typer.Option(help="As printed: .73 or 73%.")] = None,
    f1: Annotated[str | None, typer.Option("--f1", help="As printed.")] = None,
    prevalence: Annotated[str | None, typer.Option(help="Share of rows with the positive label, as printed.")] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many rows were judged: whole rows must fit too, up to about 6,500 at two digits, 30,000 at three.",
        ),
    ] = None,
    digits: Annotated[
        int | None, typer.Option(min=1, max=12, help="Digits of accuracy and F1 as shares, where more are known than are shown.")
    ] = None,
    paper: Annotated[bool, typer.Option("--paper", help="Check the figures of the paper's tables VI to VIII.")] = False,
    json: Json = False,
) -> None:
    """
    Tell of printed accuracies and F1s whether any answers can have both, and what recall and precision they imply.

    F1 is tried as that of the positive label, of the negative, as macro-F1 and as weighted F1. Impossible cells are
    marked and end with exit code 0: they are a finding, not a mistake of yours.
    """
    single = {"accuracy": accuracy, "f1": f1, "prevalence": prevalence}
    if (file is not None) + paper + any(single.values()) != 1 or (any(single.values()) and not all(single.values())):
        missing = [f"--{name} is missing" for name, value in single.items() if any(single.values()) and not value]
        raise DataError(f"name one of three: {SOURCES}", missing)
    if paper:
        found = dict(_of_paper())
    elif file is not None:
        given = _read(file)
    else:
        given = [{"name": "these figures", **single}]
    if not paper:
        found = _checked(given, rows=rows, digits=digits)
    if json:
        say_json([{"name": name, "possible": one.possible, **_plain(one)} for name, one in found.items()])
    else:
        _show(found)
    if not paper:
        _tell_uncounted(given, found.values(), rows)


def _checked(given: Iterable[Mapping[str, Any]], *, rows: int | None, digits: int | None) -> dict[str, "Check"]:
    """Every row checked; all rows that cannot be read are told at once."""
    from hatetinyllm.metrics.feasible import check
    from hatetinyllm.metrics.printed import as_printed

    found, problems = {}, []
    for number, row in enumerate(given, start=1):
        name = next((str(row[column]) for column in NAMES if row.get(column)), f"row {number}")
        shown = _escaped(name)
        spans = []
        for word in ("accuracy", "f1", "prevalence"):
            try:
                spans.append(as_printed(str(row.get(word, "")), word, digits=None if word == "prevalence" else digits))
            except DataError as error:
                problems.append(f"{shown}: {error.message}")
        try:
            counted = _whole(row.get("rows")) or rows
            if len(spans) == 3:
                found[name if name not in found else f"{name} (row {number})"] = check(*spans, rows=counted)
        except HateTinyLLMError as error:
            problems.append(f"{shown}: {error.message}")
    if problems:
        raise DataError("these figures cannot be read", problems)
    return found


def _tell_uncounted(given: Iterable[Mapping[str, Any]], found: Iterable["Check"], rows: int | None) -> None:
    """Say where rows were told of, and were too many to be tried."""
    asked = [_whole(row.get("rows")) or rows for row in given]
    if too_many := [count for count, one in zip(asked, found, strict=True) if count and not one.counted]:
        told = f"of {max(too_many):,} rows there are too many tables to try one by one: judged by shares alone"
        err().print(f"note: {told}" + (f", in {len(too_many)} of {len(asked)} cells" if len(asked) > 1 else ""), markup=False)


def _escaped(name: str) -> str:
    """A name on one line, with nothing in it that a terminal would obey."""
    return "".join(
        sign if sign.isprintable() else " " if unicodedata.category(sign) == "Zs" else sign.encode("unicode_escape").decode()
        for sign in name
    )


def _whole(value: object) -> int | None:
    text = str(value if value is not None else "").strip().replace(",", "")
    if not text:
        return None
    if not text.isdecimal() or not int(text):
        raise DataError(f"rows is {value!r}: a whole number is needed")
    return int(text)


def _of_paper() -> Iterator[tuple[str, "Check"]]:
    from hatetinyllm.studies.paper import DATASETS, MODELS, RESULTS
    from hatetinyllm.studies.tables import checked

    for number, models in RESULTS.items():
        for model, row in models.items():
            for dataset, figures in row.items():
                yield f"{number}: {MODELS[model]}, {DATASETS[dataset]}", checked(figures, dataset)


def _read(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV or JSON file, figures as the texts they are."""
    import json as json_format

    if path.is_dir():
        raise TableError(f"{str(path)!r} is a folder: name a CSV or JSON file in it")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        beside = [other.name for other in path.parent.iterdir() if other.is_file()] if path.parent.is_dir() else []
        near = f" ({did_you_mean(path.name, beside)})" if get_close_matches(path.name, beside) else ""
        raise TableError(f"there is no file {str(path)!r}{near}") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 text") from error
    if path.suffix.lower() == ".json":
        try:
            rows: list[dict[str, Any]] = json_format.loads(text, parse_float=str, parse_int=str)
        except ValueError as error:
            raise TableError(f"{path} is no JSON: {error}") from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise TableError(f"{path} must hold a list of objects")
    else:
        rows = _rows_of_csv(text)
    if not rows:
        raise TableError(f"{path} holds no rows")
    rows = [{str(key).strip().lower(): value for key, value in row.items() if key} for row in rows]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    problems = [f"no column {word!r} ({did_you_mean(word, columns)})" for word in COLUMNS[1:4] if word not in columns]
    if problems:
        raise TableError(f"{path} cannot be checked", problems)
    return rows


def _rows_of_csv(text: str) -> list[dict[str, Any]]:
    """Rows of values with commas, semicolons or tabs between them."""
    import csv

    first = text.partition("\n")[0]
    rows = list(csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=first.count)))
    if longer := [number for number, row in enumerate(rows, start=1) if None in row]:
        problems = [f"row {number} has more values than the first line has columns" for number in longer]
        raise TableError("these rows cannot be read", [*problems, "a decimal comma? write .73, or put semicolons between values"])
    return rows


def _plain(found: "Check") -> dict[str, Any]:
    from hatetinyllm.metrics.feasible import constant_answers
    from hatetinyllm.plain import plain

    constants = constant_answers(_middle(found))
    return {**plain(found), "constant_answers": plain(constants)}


def _show(found: Mapping[str, "Check"]) -> None:
    from hatetinyllm.metrics.feasible import constant_answers, why_not
    from hatetinyllm.reporting.figure import share

    columns = ["accuracy", "F1", "positive", "F1 of", "recall", "precision", "cell"]
    lines = [_line(_escaped(name), one) for name, one in found.items()]
    out().print(table(columns, lines, right=columns[:3]))
    out().print(LEGEND, markup=False)
    for name, one in found.items():
        if not one.possible:
            out().print(f"\n{_escaped(name)}: {why_not(one)}", markup=False)
    out().print()
    for middle in dict.fromkeys(_middle(one) for one in found.values()):
        for constant in constant_answers(middle):
            figures = f"accuracy {share(constant.accuracy)}, F1 {share(constant.f1['f1_positive'])}"
            out().print(f"{constant.answer}, of {middle * 100:.1f} % positive rows: {figures}", markup=False)
    if any(one.counted for one in found.values()):
        err().print("whole rows were tried as well as shares", markup=False)


def _line(name: str, found: "Check") -> list[str]:
    """A cell on a line short enough for a narrow screen."""
    from hatetinyllm.reporting.figure import DASH, between

    kinds = "".join(letter if found.readings[word].feasible else DASH for word, letter in LETTERS.items())
    of_label = found.readings["f1_positive"]
    implied = [
        between(span.low, span.high).replace(" to ", DASH) if span else DASH for span in (of_label.recall, of_label.precision)
    ]
    figures = [_printed(span) for span in (found.accuracy, found.f1, found.prevalence)]
    return [*figures, kinds, *implied, name if found.possible else f"IMPOSSIBLE  {name}"]


def _printed(span: "Span") -> str:
    """The figure that stands for a span, as it was printed."""
    from math import log10

    from hatetinyllm.reporting.figure import share

    if span.high - span.low < LEAST:  # a figure that is known to all its digits
        return share(span.low)
    edge = span.low <= LEAST or span.high >= 1 - LEAST  # of a printed 0 or 1 only half of the values can be
    middle = (span.low + span.high) / 2
    digits = round(-log10((span.high - span.low) * (2 if edge else 1)))
    return share(round(middle) if edge else middle, digits)


def _middle(found: "Check") -> float:
    return (found.prevalence.low + found.prevalence.high) / 2
