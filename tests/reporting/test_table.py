"""A table is checked as it is made, and its Markdown shows every text as it is."""

import re

import pytest

from hatetinyllm.reporting.table import (
    Cell,
    Column,
    Notes,
    Table,
    cells,
    escaped,
    headings,
    mark_of,
    tables_to_markdown,
    to_markdown,
)

COLUMNS = (
    Column(name="model"),
    Column(name="paper", number=True, group="accuracy"),
    Column(name="ours", number=True, group="accuracy"),
)
WHOLE = Table(
    title="A | title",
    columns=COLUMNS,
    rows=((Cell(text="a part"),), cells("a_model", Cell(text=".73", marks=(0,), wrong=True), "–")),
    notes=(Notes(title="How to read it", lines=("one <b>note</b>",)),),
    footnotes=("cannot be",),
    warning="means nothing",
)


def test_the_markdown_has_heading_warning_rows_footnotes_and_notes() -> None:
    said = to_markdown(WHOLE)
    lines = said.splitlines()
    assert lines[0] == r"## A \| title"
    assert lines[2] == "> **means nothing**"
    assert "| model | accuracy: paper | accuracy: ours |" in lines
    assert "|---|---:|---:|" in lines
    assert "| **a part** |  |  |" in lines
    assert r"| a\_model | **.73**<sup>a</sup> | – |" in lines
    assert "<sup>a</sup> cannot be" in lines
    assert lines[-1] == r"- one \<b\>note\</b\>"


def test_every_line_of_the_grid_has_the_same_number_of_bars() -> None:
    grid = [line for line in to_markdown(WHOLE).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in grid} == {4}


@pytest.mark.parametrize(
    "text", ["a|b", "*a*", "`a`", "<i>", "[a](b)", "a\nb", "1. a", "- a", "# a", "+ a", "--", "~~a~~", "a\\b"]
)
def test_markdown_finds_nothing_of_its_own_in_a_text(text: str) -> None:
    said = escaped(text)
    assert "\n" not in said
    assert not re.search(r"(?<!\\)(?:\\\\)*[|*`<>\[\]#~]", said)
    assert not re.match(r"(\d+[.)]|[-+=]+)(\s|$)", said)


def test_figures_are_left_as_they_are() -> None:
    assert [escaped(text) for text in ("+.012", "−.012", "0.01 %", "3", "–")] == ["+.012", "−.012", "0.01 %", "3", "–"]


def test_a_row_of_another_length_and_a_mark_to_nothing_are_our_mistakes() -> None:
    with pytest.raises(ValueError, match="2 cells under 3 columns"):
        Table(title="t", columns=COLUMNS, rows=(cells("a", "b"),))
    with pytest.raises(ValueError, match="no footnote"):
        Table(title="t", columns=COLUMNS, rows=(cells("a", Cell(text="b", marks=(0,)), "c"),))


def test_marks_go_on_after_z() -> None:
    assert [mark_of(number) for number in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]


def test_groups_span_their_columns() -> None:
    assert headings(WHOLE) == [("", 1), ("accuracy", 2)]


def test_several_tables_are_one_document() -> None:
    said = tables_to_markdown("All", [WHOLE, WHOLE], opening=("read this",))
    assert said.startswith("# All\n\nread this\n\n## A")
    assert said.count("## A") == 2
    assert said.endswith("\n")
    assert "\n\n\n" not in said
