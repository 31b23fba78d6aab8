"""The page is well-formed, needs nothing else, and shows every text as it is."""

from html.parser import HTMLParser

import pytest

from hatetinyllm.reporting.page import to_html
from hatetinyllm.reporting.table import Cell, Column, Notes, Table, cells

EVIL = "<script>alert('x')</script> & \"quoted\""
VOID = {"meta", "br", "img", "link"}


def table(text: str = "plain") -> Table:
    return Table(
        title=text,
        columns=(
            Column(name="model"),
            Column(name=text, number=True, group="accuracy"),
            Column(name="ours", number=True, group="accuracy"),
            Column(name="n", number=True),
        ),
        rows=((Cell(text=text),), cells(text, Cell(text=".73", marks=(0,), wrong=True), text, "1")),
        notes=(Notes(title=text, lines=(text,)),),
        footnotes=(text,),
        warning=text,
    )


class Reader(HTMLParser):
    """Keeps what a browser would see: tags in order, their attributes, and the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader


def test_every_tag_is_closed_and_every_text_is_shown_as_it_is() -> None:
    found = read(to_html(EVIL, [table(EVIL)], opening=(EVIL,)))
    assert "script" not in {tag for tag, _ in found.tags}
    # title, h1, opening, h2, warning, column, heading, first cell, cell, footnote, notes' title, note
    assert sum(text.strip() == EVIL for text in found.texts) == 12


def test_nothing_is_loaded_and_nothing_runs() -> None:
    page = to_html("All", [table(), table()])
    found = read(page)
    loading = {"src", "srcset", "data", "action", "onload", "onclick"}
    assert not [attributes for _, attributes in found.tags if loading & attributes.keys()]
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in found.tags)
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in found.tags}
    assert "url(" not in page
    assert "@import" not in page
    assert "http" not in page


def test_marks_and_links_lead_somewhere() -> None:
    found = read(to_html("All", [table(), table()]))
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {(attributes["href"] or "").removeprefix("#") for tag, attributes in found.tags if tag == "a"}
    assert targets == {"t0", "t1", "t0-a", "t1-a"}
    assert targets <= set(ids)


def test_rows_have_as_many_columns_as_the_heading() -> None:
    found = read(to_html("One", [table()]))
    spans, widths = 0, []
    for tag, attributes in found.tags:
        if tag == "tr":
            widths.append(spans)
            spans = 0
        elif tag in ("td", "th"):
            spans += int(attributes.get("colspan") or 1)
    assert [*widths[1:], spans] == [4, 4, 4, 4]


def test_numbers_stand_to_the_right_and_groups_are_kept_apart() -> None:
    found = read(to_html("One", [table()]))
    classes = [attributes.get("class") for tag, attributes in found.tags if tag == "td" and "colspan" not in attributes]
    assert classes == ["number edge", "number", "number edge"]


@pytest.mark.parametrize("said", ["prefers-color-scheme: dark", "@media print", 'lang="en"', "viewport"])
def test_it_suits_dark_rooms_paper_and_small_screens(said: str) -> None:
    assert said in to_html("One", [table()])
