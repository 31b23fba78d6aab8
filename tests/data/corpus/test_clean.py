import pytest

from hatetinyllm.data.corpus.clean import BOILERPLATE, SYMBOLS, heading, plain, prose, useless


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("_Psa. 63:8_ says--_well_, this", "Psa. 63:8 says--well, this"),
        ("a **bold** and *slanted* word", "a bold and slanted word"),
        ("snake_case_name and 2 * 3 * 4 stay", "snake_case_name and 2 * 3 * 4 stay"),
        ('see [the map](maps/one.png "A map") here[12]', "see the map here"),
        ("![a picture](one.png) under it", "under it"),
        ("> quoted by him", "quoted by him"),
        ("* an item", "an item"),
        (r"stars \* and \_ lines", "stars * and _ lines"),
        ("soft\u00adened \u200bwords", "softened words"),
        ("-- dashes open a speech", "-- dashes open a speech"),
    ],
)
def test_prose_loses_the_marks_of_markdown_and_nothing_else(line: str, left: str) -> None:
    assert prose(line) == left


@pytest.mark.parametrize("line", ["# Title", "   ## Author: A", "###### deep"])
def test_headings_are_known(line: str) -> None:
    assert heading(line)


@pytest.mark.parametrize("line", ["#hashtag first", "    # four blanks are code", "a # b", ""])
def test_a_hashtag_is_no_heading(line: str) -> None:
    assert not heading(line)


def test_a_message_keeps_how_it_was_typed() -> None:
    assert plain("SHOUT 😂😂  _so_\r\n\n#tag &amp; <b>h4te</b> 1 < 2") == "SHOUT 😂😂 _so_\n#tag & h4te 1 < 2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("* * *", SYMBOLS),
        ("-------", SYMBOLS),
        ("Strychn. . . . . . . . . . . | gr.I ---|---", SYMBOLS),
        ("[Transcriber's Note: Number 13 omitted]", BOILERPLATE),
        ("THE END.", BOILERPLATE),
        ('"Yes?"', ""),
        ("All the contents of the chest, to the very end.", ""),
        ("He thought of Gutenberg, and of the end", ""),
    ],
)
def test_lines_without_a_use_are_told_by_their_reason(line: str, reason: str) -> None:
    assert useless(line) == reason
