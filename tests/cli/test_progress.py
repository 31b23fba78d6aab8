"""Progress is a bar on a screen, lines in a log, and silence for a program."""

import io

from rich.console import Console

from hatetinyllm.cli.progress import Watch
from hatetinyllm.training.follow import Stage
from hatetinyllm.training.loop import Step


def watched(*, terminal: bool, quiet: bool = False) -> str:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100, no_color=True, highlight=False)
    with Watch(console, quiet=quiet) as watch:
        watch(Stage(name="training", detail="3 texts"))
        for number in (1, 2):
            watch(Step(number=number, of=3, epoch=1, loss=0.5, learning_rate=1e-3, texts_per_s=1234.5))
    return written.getvalue()


def test_a_screen_gets_a_bar_and_a_log_gets_lines() -> None:
    assert "training  3 texts" in watched(terminal=True)
    assert "texts/s" in watched(terminal=True)
    assert watched(terminal=False) == "training  3 texts\n"


def test_whatever_is_counted_has_a_bar_on_a_screen_alone() -> None:
    for terminal in (True, False):
        written = io.StringIO()
        console = Console(file=written, force_terminal=terminal, width=100, no_color=True, highlight=False)
        with Watch(console, quiet=False) as watch:
            watch.count(1, 3, "plain, given", texts_per_s=1234.5)
            watch.count(2, 3, "plain, given", texts_per_s=1234.5)
        assert ("plain, given" in written.getvalue()) == terminal
        assert ("2/3" in written.getvalue()) == terminal


def test_a_program_gets_nothing() -> None:
    assert watched(terminal=True, quiet=True) == ""
