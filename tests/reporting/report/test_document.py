"""The page forbids everything but its own style sheet."""

import base64
import hashlib

from hatetinyllm.reporting.report.document import document, policy
from hatetinyllm.reporting.report.style import STYLE
from hatetinyllm.reporting.report.subject import Section

EVIL = "<script>alert('x')</script> & \"quoted\""


def test_the_policy_allows_this_style_sheet_and_nothing_else(see) -> None:
    page = see(document(EVIL, [EVIL], [("", "", [Section(anchor="a", title=EVIL, inside="<p>x</p>")])], foot=EVIL))
    (said,) = [
        attributes["content"] for tag, attributes in page.tags if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert said.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in said
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy(STYLE) == said == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_sections_without_content_are_left_out_of_the_contents_too(see) -> None:
    sections = [Section(anchor="full", title="Full", inside="<p>x</p>"), Section(anchor="empty", title="Empty", inside="")]
    said = see(document("t", [], [("", "", sections)], foot="f")).said
    assert "Empty" not in said


def test_chapters_have_their_own_heading(see) -> None:
    page = see(document("t", [], [("", "", []), ("j0", "One", [Section(anchor="a", title="Sec", inside="<p>x</p>")])], foot="f"))
    tags = [tag for tag, _ in page.tags]
    assert (tags.count("h1"), tags.count("h2"), tags.count("h3")) == (1, 1, 1)
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == ["#content", "#j0"]
