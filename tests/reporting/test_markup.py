"""Every text is escaped, every table can be reached and scrolls by itself."""

import pytest

from hatetinyllm.reporting.markup import bullets, columns, command, facts, figure, folded, grid, link, paragraph, tag, text
from hatetinyllm.reporting.table import Cell, cells

EVIL = "<script>alert('x')</script> & \"quoted\""


def test_texts_and_attributes_are_escaped(see) -> None:
    parts = [paragraph(EVIL, EVIL), bullets([EVIL]), command(EVIL), folded(EVIL, text(EVIL)), figure(EVIL, "", EVIL)]
    table = grid(EVIL, columns(EVIL, EVIL), [cells(EVIL, EVIL), (Cell(text=EVIL),), cells("a", Cell(text=EVIL, wrong=True))])
    page = see("".join([*parts, table, facts({EVIL: text(EVIL)}), tag("i", title=EVIL)]))
    assert page.said.count(EVIL) == 17
    assert [attributes["title"] for tag, attributes in page.tags if tag == "i"] == [EVIL]


def test_what_is_empty_is_left_out() -> None:
    assert facts({"a": "", "b": "c"}) == '<dl class="facts"><div><dt>b</dt><dd>c</dd></div></dl>'
    assert bullets([]) == ""
    assert tag("p", class_="", aria_label=None, tabindex=0) == '<p tabindex="0"></p>'


@pytest.mark.parametrize("address", ["javascript:alert(1)", "", "data:text/html,x", "//example.org"])
def test_only_web_addresses_are_links(address: str) -> None:
    assert link("a <b>", address) == "a &lt;b&gt;"
    assert link("a", "https://example.org/?a&b") == '<a href="https://example.org/?a&amp;b" rel="noreferrer">a</a>'


def test_a_table_can_be_reached_by_key_and_has_a_name(see) -> None:
    page = see(grid("Figures", columns("who", "how many"), [cells("we", "3")]))
    (region,) = [attributes for tag, attributes in page.tags if attributes.get("role") == "region"]
    assert (region["tabindex"], region["aria-label"]) == ("0", "Figures")
    scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
    assert scopes == ["col", "col", "row"]
    assert [attributes.get("class") for tag, attributes in page.tags if tag == "td"] == ["number"]
