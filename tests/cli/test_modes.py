"""Modes in a table: thresholds always, figures and promises where a calibration made them."""

import io

from rich.console import Console

from hatetinyllm.cli.modes import in_words, modes_table, with_counts
from hatetinyllm.types import Band, Counted, Interval, ModeRecord, Promise

RECALL = Counted(rows=3, of=4, interval=Interval(low=0.2, high=0.99))
PROMISE = Promise(fpr_at_most=0.01, confidence=0.95, negatives=700, errors=1, bound=0.0094, candidates=5)
BANDS = {"best-guess": Band(low=0.5, high=0.5), "review-10pct": Band(low=0.25, high=0.75), "fpr-1pct-95": Band(low=0.9, high=0.9)}


def shown(modes: dict[str, ModeRecord]) -> list[str]:
    console = Console(width=250, record=True, file=io.StringIO())
    console.print(modes_table(BANDS, modes, "hate"))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_without_records_there_are_thresholds_alone() -> None:
    header, *lines = shown({})
    assert header.split() == ["mode", "hate", "from", "no", "label", "from", "chosen", "for"]
    assert [line.split() for line in lines] == [["best-guess", "0.5"], ["review-10pct", "0.75", "0.25"], ["fpr-1pct-95", "0.9"]]


def test_records_bring_figures_and_promises() -> None:
    modes = {"fpr-1pct-95": ModeRecord(rule="a rule", promise=PROMISE, measured={"recall": RECALL})}
    header, *lines = shown(modes)
    assert "recall" in header
    assert "precision" not in header
    assert "0.750 [0.200, 0.990]" in lines[-1]
    assert lines[-1].endswith("a rule; promised: 1 of 700 independent negatives may be above, for each of 5 versions")


def test_what_was_not_promised_does_not_say_so() -> None:
    assert in_words(ModeRecord(rule="a rule")) == "a rule"
    assert in_words(None) == ""


def test_a_share_of_nothing_is_a_dash() -> None:
    assert with_counts(Counted(rows=0, of=0, interval=Interval(low=0, high=1))) == "–"
    assert with_counts(None) == ""
