"""A bundle's modes for people: where each draws its line, what it promises, and what it did with the rows that chose it."""

from collections.abc import Mapping

from rich.table import Table

from hatetinyllm.cli.output import figure, table
from hatetinyllm.types import Band, Counted, ModeRecord

FIGURES = {"precision": "precision", "recall": "recall", "fpr": "FPR", "review": "left to people", "error": "errors of the rest"}


def modes_table(bands: Mapping[str, Band], modes: Mapping[str, ModeRecord], positive: str) -> Table:
    """One line a mode; figures only where one of them has a record of its own."""
    shown = [name for name in FIGURES if any(name in record.measured for record in modes.values())]
    rows = []
    for mode, band in sorted(bands.items(), key=lambda item: (item[1].high, item[0])):
        record = modes.get(mode)
        counted = [with_counts(record.measured.get(name) if record else None) for name in shown]
        between = f"{band.low:g}" if band.low < band.high else ""
        rows.append([mode, f"{band.high:g}", between, *counted, in_words(record)])
    columns = ["mode", f"{positive} from", "no label from", *(FIGURES[name] for name in shown), "chosen for"]
    return table(columns, rows, right=columns[1:-1])


def in_words(record: ModeRecord | None) -> str:
    """The rule of a mode, and what a promise rests on."""
    if record is None:
        return ""
    promise = record.promise
    if promise is None:
        return record.rule
    rests = f"promised: {promise.errors:,} of {promise.negatives:,} independent negatives may be above"
    return f"{record.rule}; {rests}" + (f", for each of {promise.candidates} versions" if promise.candidates > 1 else "")


def with_counts(counted: Counted | None) -> str:
    """A share with its interval, a dash where it is a share of nothing."""
    if counted is None:
        return ""
    if not counted.of:
        return figure(None)
    return f"{figure(counted.share)} [{counted.interval.low:.3f}, {counted.interval.high:.3f}]"
