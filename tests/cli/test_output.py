"""What is printed: masked texts, plain tables, JSON without numbers that JSON lacks."""

import pytest
from rich.console import Console

from hatetinyllm.cli.output import facts, figure, masked, out, say_error, table


def text_of(thing: object) -> str:
    console = Console(width=80, no_color=True)
    with console.capture() as capture:
        console.print(thing)
    return capture.get()


def test_a_text_is_masked_unless_it_is_asked_for() -> None:
    assert masked("They don't\nbelong", show=False) == "T··· d··'· b·····"
    assert masked("f r e a k 🐒🐒 l.o.s.e.r 自由", show=False) == "· · · · · ·· l.·.·.·.· ··"
    assert "\x1b" not in masked("\x1b[31mred", show=True)
    assert masked("They don't\nbelong", show=True) == "They don't belong"
    assert len(masked("word " * 100, show=True)) == 60


def test_a_figure_that_does_not_exist_is_a_dash() -> None:
    assert [figure(0.12345), figure(None)] == ["0.123", "–"]


def test_brackets_in_a_cell_are_text_and_no_markup() -> None:
    assert "[bold]" in text_of(table(["a"], [["[bold]"]]))
    assert "[red]x" in text_of(facts({"a": "[red]x"}))


@pytest.mark.parametrize("text", ["a[/]", "[red]a", "a\\", "a\\[red]b", "[1]\\", "a\\\\[/red]", "[[/red]]"])
def test_no_text_is_taken_for_markup_wherever_it_stands(text: str) -> None:
    for thing in (table([text], [["a"]]), table(["a", "b"], [["a", text]]), facts({"a": text}), facts({text: "a"})):
        assert text in text_of(thing)


def test_no_text_of_an_error_is_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    say_error("data", "a\\[red]b", ["[/]c\\"], as_json=False)
    said = capsys.readouterr().err
    assert "a\\[red]b" in said
    assert "[/]c\\" in said


def test_only_the_last_column_is_folded() -> None:
    lines = text_of(table(["name", "what"], [["a-long-name-that-stays-whole", "word " * 30]])).splitlines()
    assert lines[1].startswith("a-long-name-that-stays-whole")
    assert len(lines) > 2
    assert all(len(line) <= 80 for line in lines)


def test_empty_facts_are_left_out() -> None:
    assert "gone" not in text_of(facts({"here": 1, "gone": ""}))


def test_a_reader_who_goes_away_is_told_and_the_process_is_not_ended() -> None:
    with pytest.raises(BrokenPipeError):
        out().on_broken_pipe()
