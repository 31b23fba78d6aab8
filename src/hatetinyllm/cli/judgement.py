"""Results as tables for people."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from rich.table import Table

from hatetinyllm.cli.output import figure, out, table
from hatetinyllm.training.follow import Outcome
from hatetinyllm.types import Result


def show_outcome(outcome: Outcome, run: Path) -> None:
    """The results of a run and where everything lies."""
    console = out()
    console.print(result_table(outcome.results))
    console.print(f"\nbundle   {outcome.bundle.folder}\nrun      {run}")
    console.print(f"try it   hatetinyllm classify --bundle {quote(str(outcome.bundle.folder))} 'a text'")


def result_table(results: Sequence[Result]) -> Table:
    """One line a result; the positive label and its share are named."""
    if not results:
        return table(["judged on"], [["nothing: the split has no test part"]])
    positive = results[0].positive if len({result.positive for result in results}) == 1 else "positive"
    names = ["accuracy", "f1_{}", "macro_f1", "auroc"]
    columns = ["judged on", "rows", f"are {positive}", "accuracy", f"F1 {positive}", "macro-F1", "AUROC"]
    rows = [[result.name, f"{result.rows:,}", figure(result.prevalence), *_figures(result, names)] for result in results]
    return table(columns, rows, right=columns[1:])


def _figures(result: Result, names: Sequence[str]) -> list[str]:
    """Each figure that the result has; a head of several labels has few of them."""
    return [figure(result.metrics.get(name.format(result.positive))) for name in names]


def confusion_table(result: Result) -> Table:
    """Rows by what they are and what they were called."""
    called = list(result.confusion)
    rows = [[f"is {truth}", *(f"{counts[label]:,}" for label in called)] for truth, counts in result.confusion.items()]
    columns = ["", *(f"called {label}" for label in called)]
    return table(columns, rows, right=columns[1:])
