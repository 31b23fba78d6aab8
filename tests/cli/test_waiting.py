"""Long work tells its stages: a line each in a log, nothing when it is to be quiet."""

import io

from rich.console import Console

from hatetinyllm.cli.waiting import Waiting


def test_a_log_gets_a_line_a_stage() -> None:
    stream = io.StringIO()
    with Waiting(Console(file=stream, width=80), quiet=False) as say:
        say("reading [all] rows")
        say("drawing")
    lines = stream.getvalue().splitlines()
    assert [line.partition("s  ")[2] for line in lines] == ["reading [all] rows", "drawing"]


def test_a_log_hears_of_a_count_now_and_then() -> None:
    stream = io.StringIO()
    with Waiting(Console(file=stream, width=80), quiet=False) as say:
        for done in range(1, 1001):
            say(f"row {done:,} of 1,000")
        say("drawing")
    assert [line.partition("s  ")[2] for line in stream.getvalue().splitlines()] == ["row 1 of 1,000", "drawing"]


def test_quiet_is_quiet() -> None:
    stream = io.StringIO()
    with Waiting(Console(file=stream), quiet=True) as say:
        say("reading")
    assert stream.getvalue() == ""


def test_a_screen_gets_one_moving_line() -> None:
    stream = io.StringIO()
    with Waiting(Console(file=stream, force_terminal=True, width=80), quiet=False) as say:
        say("reading [all] rows")
        say("drawing")
    assert "drawing" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1  # at the end alone: the line is written over
