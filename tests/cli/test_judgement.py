"""Results as tables: the positive label is named, and a split without a test part says so."""

from rich.console import Console

from hatetinyllm.cli.judgement import confusion_table, result_table
from hatetinyllm.types import Result

RESULT = Result(
    name="test",
    head="hate",
    positive="hate",
    rows=4,
    prevalence=0.25,
    threshold=0.5,
    metrics={"accuracy": 0.75, "f1_hate": 0.5, "macro_f1": 0.6, "auroc": None},
    confusion={"not_hate": {"not_hate": 2, "hate": 1}, "hate": {"not_hate": 0, "hate": 1}},
)


def lines_of(thing: object) -> list[str]:
    console = Console(width=80, no_color=True)
    with console.capture() as capture:
        console.print(thing)
    return [" ".join(line.split()) for line in capture.get().splitlines()]


def test_a_result_is_a_line_that_fits_a_screen() -> None:
    assert lines_of(result_table([RESULT])) == [
        "judged on rows are hate accuracy F1 hate macro-F1 AUROC",
        "test 4 0.250 0.750 0.500 0.600 –",
    ]


def test_the_confusion_says_what_is_and_what_was_called() -> None:
    assert lines_of(confusion_table(RESULT)) == ["called not_hate called hate", "is not_hate 2 1", "is hate 0 1"]


def test_no_test_part_is_said() -> None:
    assert "no test part" in " ".join(lines_of(result_table([])))
