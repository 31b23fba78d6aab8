"""
The page around the sections. It loads nothing, runs nothing, and says so to the browser.

The policy in its head allows the one style sheet it holds, by its digest, and forbids all else: scripts, pictures, fonts,
frames, forms. What is folded opens without a script.
"""

import base64
import hashlib
from collections.abc import Sequence

from hatetinyllm.reporting.markup import paragraph, tag, text
from hatetinyllm.reporting.report.style import STYLE
from hatetinyllm.reporting.report.subject import Section


def document(title: str, opening: Sequence[str], chapters: Sequence[tuple[str, str, Sequence[Section]]], *, foot: str) -> str:
    """The page; a chapter is an anchor, a heading and sections, and one without a heading is the page itself."""
    shown = [(anchor, heading, [one for one in sections if one.inside]) for anchor, heading, sections in chapters]
    body = [
        tag("a", "To the figures", href="#content", class_="skip"),
        '<div class="whole">',
        tag(
            "header",
            paragraph("hatetinyllm report", class_="eyebrow"),
            tag("h1", text(title)),
            *map(_opening, opening),
            _contents(shown),
        ),
        tag("main", *(_chapter(*one) for one in shown), id="content"),
        tag("footer", paragraph(foot)),
        "</div>",
    ]
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy(STYLE)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="robots" content="noindex">',
        f"<title>{text(title)}</title>",
        f"<style>{STYLE}</style>",
    ]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def policy(style: str) -> str:
    """Nothing but this style sheet."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _opening(sentence: str) -> str:
    return paragraph(sentence, class_="opening")


def _chapter(anchor: str, heading: str, sections: Sequence[Section]) -> str:
    """Sections under their chapter; where the page is the chapter, all headings stand one level higher."""
    if heading:
        return tag("article", tag("h2", text(heading)), *(_section(one, "h3", one.inside) for one in sections), id=anchor)
    return "".join(_section(one, "h2", one.inside.replace("<h4>", "<h3>").replace("</h4>", "</h3>")) for one in sections)


def _section(section: Section, level: str, inside: str) -> str:
    title = f"{section.anchor}-title"
    return tag("section", tag(level, text(section.title), id=title), inside, id=section.anchor, aria_labelledby=title)


def _contents(chapters: Sequence[tuple[str, str, Sequence[Section]]]) -> str:
    """Links to the sections; where there are several chapters, to the chapters."""
    headed = [(anchor, heading) for anchor, heading, _ in chapters if heading]
    plain = [(one.anchor, one.title) for _, heading, sections in chapters if not heading for one in sections]
    links = [tag("li", tag("a", text(said), href=f"#{anchor}")) for anchor, said in [*plain, *headed]]
    return tag("nav", tag("p", "Contents"), tag("ul", *links), aria_label="Contents")
