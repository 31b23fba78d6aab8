"""An audit is told in words, in tables and as a chart, with no text of a row in any of them."""

import pytest

from hatetinyllm.evaluation.audit import Audit, audit
from hatetinyllm.reporting.audit import chart, findings, heading, picture, tables, to_page
from hatetinyllm.types import Example, Splits


def row(id: str, text: str, label: str, **more: object) -> Example:
    return Example(text=text, id=id, labels={"hate": (label,)}, **more)  # type: ignore[arg-type]


TRAIN = tuple(row(f"a{n}", f"{word} people number {n}", label) for n in range(9) for word, label in
              (("dreadful", "hate"), ("wonderful", "not_hate")) if (n % 2) == (label == "hate"))  # fmt: skip


@pytest.fixture(scope="module")
def clean() -> Audit:
    test = (row("x", "quite otherwise said", "hate", round="1"), row("y", "nothing alike to see", "not_hate", round="2"))
    return audit(Splits(name="made-up", train=TRAIN, test=test)).audit


@pytest.fixture(scope="module")
def leaky() -> Audit:
    train = (*TRAIN, row("b", "dreadful people number 1", "not_hate"))
    return audit(Splits(name="<made-up>", train=train, test=(row("x", "Dreadful people number 1", "not_hate"),))).audit


def test_the_verdict_is_said_first(clean: Audit, leaky: Audit) -> None:
    assert heading(clean) == "made-up, official: the split is clean"
    assert heading(leaky) == "<made-up>, official: the split leaks"
    assert findings(leaky) == leaky.reasons
    assert findings(clean)[0].startswith("no kin are parted (")
    assert any("cannot be looked up" in line for line in findings(clean))


def test_near_rows_of_other_recorded_groups_are_told_of() -> None:
    grouped = tuple(row(one.id, one.text, str(one.label), group=one.id) for one in TRAIN)
    test = (row("x", f"{TRAIN[0].text} today", str(TRAIN[0].label), group="x"), row("y", "nothing alike", "hate", group="y"))
    found = audit(Splits(name="made-up", train=grouped, test=test)).audit
    assert found.crossings[0].near == 1
    assert "1 test rows are near a train row and no kin of it" in " ".join(findings(found))


def test_tables_hold_every_crossing_and_every_round(clean: Audit, leaky: Audit) -> None:
    crossings, figures, near = tables(clean)
    assert [cell.text for cell in crossings.rows[0]][:4] == ["test", "train", "2", "0"]
    assert [one[0].text for one in figures.rows] == [one[0].text for one in near.rows] == ["test", "round 1", "round 2"]
    assert tables(leaky)[-1].title == "Equal texts with both labels in one part"


def test_the_picture_has_a_line_for_each_bin_that_holds_rows(leaky: Audit) -> None:
    ((bounds, same, opposite, bar),) = picture(leaky)
    assert bounds == ".95 to 1.00"
    assert same + opposite == 1
    assert len(bar) == 40


def test_the_page_needs_nothing_else_and_shows_no_text(leaky: Audit) -> None:
    page = to_page(leaky)
    assert page.count("<svg") == page.count("</svg>") == 1
    assert "&lt;made-up&gt;" in page
    assert "<made-up>" not in page
    assert "--c0:" in page
    assert not [word for word in ("http://", "https://", "<script", "<link", "people number") if
                word in page.replace('xmlns="http://www.w3.org/2000/svg"', "")]  # fmt: skip
    assert chart(leaky) in page
