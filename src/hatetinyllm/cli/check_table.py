"""`check-table`: whether accuracies and F1s in print can be true."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hatetinyllm.cli.output import Json, err, out, say_json, table
from hatetinyllm.errors import DataError, HateTinyLLMError, TableError, did_you_mean

if TYPE_CHECKING:
    from hatetinyllm.metrics.feasible import Check

COLUMNS = ("name", "accuracy", "f1", "prevalence", "rows")
SOURCES = "a FILE, --paper, or the three of --accuracy, --f1 and --prevalence"
SHORT = {"f1_positive": "positive", "f1_negative": "negative", "macro_f1": "macro", "weighted_f1": "weighted"}


def check_table(
    file: Annotated[Path | None, typer.Argument(help="CSV or JSON with name, accuracy, f1, prevalence and perhaps rows.")] = None,
    accuracy: Annotated[str | None, typer.Option(help="As printed: .73 or 73%.")] = None,
    f1: Annotated[str | None, typer.Option("--f1", help="As printed.")] = None,
    prevalence: Annotated[str | None, typer.Option(help="Share of rows with the positive label, as printed.")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="How many rows were judged: then whole rows must fit.")] = None,
    digits: Annotated[
        int | None, typer.Option(min=1, max=12, help="Digits of accuracy and F1; those shown, unless given.")
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
        found = _checked(_read(file), rows=rows, digits=digits)
    else:
        found = _checked([{"name": "these figures", **single}], rows=rows, digits=digits)
    if json:
        say_json([{"name": name, "possible": one.possible, **_plain(one)} for name, one in found.items()])
    else:
        _show(found)


def _checked(given: Iterable[Mapping[str, Any]], *, rows: int | None, digits: int | None) -> dict[str, "Check"]:
    """Every row checked; all rows that cannot be read are told at once."""
    from hatetinyllm.metrics.feasible import check
    from hatetinyllm.metrics.printed import as_printed

    found, problems = {}, []
    for number, row in enumerate(given, start=1):
        name = str(row.get("name") or f"row {number}")
        spans = []
        for word in ("accuracy", "f1", "prevalence"):
            try:
                spans.append(as_printed(str(row.get(word, "")), word, digits=None if word == "prevalence" else digits))
            except DataError as error:
                problems.append(f"{name}: {error.message}")
        try:
            counted = _whole(row.get("rows")) or rows
            if len(spans) == 3:
                found[name if name not in found else f"{name} (row {number})"] = check(*spans, rows=counted)
        except HateTinyLLMError as error:
            problems.append(f"{name}: {error.message}")
    if problems:
        raise DataError("these figures cannot be read", problems)
    return found


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

    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise TableError(f"there is no file {str(path)!r}") from error
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
    rows = [{str(key).strip().lower(): value for key, value in row.items() if key} for row in rows]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    problems = [f"no column {word!r} ({did_you_mean(word, columns)})" for word in COLUMNS[1:4] if word not in columns]
    if problems or not rows:
        raise TableError(f"{path} cannot be checked", problems or ["it holds no rows"])
    return rows


def _rows_of_csv(text: str) -> list[dict[str, Any]]:
    """Rows of values with commas, semicolons or tabs between them."""
    import csv

    first = text.partition("\n")[0]
    return list(csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=first.count)))


def _plain(found: "Check") -> dict[str, Any]:
    from hatetinyllm.metrics.feasible import constant_answers
    from hatetinyllm.plain import plain

    constants = constant_answers(_middle(found))
    return {**plain(found), "constant_answers": plain(constants)}


def _show(found: Mapping[str, "Check"]) -> None:
    from hatetinyllm.metrics.feasible import DEFINITIONS, constant_answers, why_not
    from hatetinyllm.reporting.figure import between, share

    columns = ["cell", "accuracy", "F1", "positive rows", *(SHORT[word] for word in DEFINITIONS), "recall", "precision"]
    lines = []
    for name, one in found.items():
        fits = ["yes" if one.readings[word].feasible else "no" for word in DEFINITIONS]
        of_label = one.readings["f1_positive"]
        implied = [between(span.low, span.high) if span else "–" for span in (of_label.recall, of_label.precision)]
        spans = (one.accuracy, one.f1, one.prevalence)
        lines.append(
            [name if one.possible else f"{name}  IMPOSSIBLE", *(between(s.low, s.high, 3) for s in spans), *fits, *implied]
        )
    out().print(table(columns, lines, right=columns[1:4]))
    out().print(
        "\nyes, no: whether the F1 can be of this kind; recall and precision if it is of the positive label", markup=False
    )
    for name, one in found.items():
        if not one.possible:
            out().print(f"\n{name}: {why_not(one)}", markup=False)
    out().print()
    for middle in dict.fromkeys(_middle(one) for one in found.values()):
        for constant in constant_answers(middle):
            figures = f"accuracy {share(constant.accuracy)}, F1 {share(constant.f1['f1_positive'])}"
            out().print(f"{constant.answer}, of {middle * 100:.1f} % positive rows: {figures}", markup=False)
    if any(one.counted for one in found.values()):
        err().print("whole rows were tried as well as shares", markup=False)


def _middle(found: "Check") -> float:
    return (found.prevalence.low + found.prevalence.high) / 2
