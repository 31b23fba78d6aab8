"""
The mistakes the detector was surest of, by the ids of their rows.

A page holds no text of the data unless it was asked to. One that does shows each text masked until it is opened, and needs
no script for that.
"""

from shlex import quote

from hatetinyllm.evaluation.rows import Rows
from hatetinyllm.metrics.classification import called
from hatetinyllm.reporting.figure import share
from hatetinyllm.reporting.markup import command, paragraph, tag, text
from hatetinyllm.reporting.report.subject import Subject
from hatetinyllm.reporting.report.wording import part_words

SHOWN = 12
MASKED = 100  # signs of a masked text; all of it is behind it
TOLD = ("round", "type", "target", "function")  # facets that stand beside an id
PUNCTUATION = ".,;:!?'\"()-"


def mistakes_of(subject: Subject) -> str:
    """False alarms with the highest scores, misses with the lowest."""
    rows = subject.judgement.rows
    if rows is None:
        return ""
    alarms, misses = _surest(subject, rows, truth=0), _surest(subject, rows, truth=1)
    if not alarms and not misses:
        return paragraph("There are none.")
    lists = [
        _list(subject, rows, f"Called {subject.positive} and are not", alarms),
        _list(subject, rows, f"Are {subject.positive} and were missed", misses),
    ]
    return _opening(subject) + tag("div", *lists, class_="pair")


def mistaken_ids(subject: Subject, most: int) -> list[str]:
    """The ids of the surest mistakes, alarms and misses in turn."""
    rows = subject.judgement.rows
    if rows is None:
        return []
    both = zip(_surest(subject, rows, truth=0), _surest(subject, rows, truth=1), strict=False)
    return [rows.ids[row] for pair in both for row in pair][:most]


def masked(said: str) -> str:
    """Of each word of four letters or more the first is shown, of others none."""
    return " ".join(_masked_word(word) for word in said.split())


def _surest(subject: Subject, rows: Rows, *, truth: int) -> list[int]:
    calls = called(rows.scores, subject.judgement.band.high)
    wrong = ((calls != rows.truth) & (rows.truth == truth)).nonzero()[0].tolist()
    scores = rows.scores
    return sorted(wrong, key=lambda row: (-scores[row] if truth == 0 else scores[row], rows.ids[row]))[:SHOWN]


def _opening(subject: Subject) -> str:
    if subject.texts is not None:
        return paragraph("Texts are masked: open one to read it. They are offensive by nature.", class_="warning quiet")
    said = paragraph(
        "The rows the detector was surest of and wrong. This page holds no text of the data, so that it can be shared;",
        "one for your own eyes, with the texts read from your copy of the data, is made by:",
    )
    return said + command(f"hatetinyllm report {quote(subject.folder)} --embed-text")


def _list(subject: Subject, rows: Rows, title: str, found: list[int]) -> str:
    items = [_item(subject, rows, row) for row in found]
    return tag("div", tag("h4", text(title)), tag("ol", *items, class_="rows") if items else paragraph("None."))


def _item(subject: Subject, rows: Rows, row: int) -> str:
    id = rows.ids[row]
    words = [part_words(name, word) for name in TOLD if name in rows.facets for word in rows.facets[name][row]]
    line = tag("span", text(share(float(rows.scores[row]))), class_="score") + tag("code", text(id))
    line += tag("span", text(", ".join(words)), class_="small") if words else ""
    said = subject.texts.get(id) if subject.texts is not None else None
    if said is None:
        return tag("li", line)
    shown = tag("details", tag("summary", text(_cut(masked(said)))), tag("p", text(said)), class_="text")
    return tag("li", line, shown)


def _cut(said: str) -> str:
    return said if len(said) <= MASKED else said[: MASKED - 1] + "…"


def _masked_word(word: str) -> str:
    shown = 1 if len(word) > 3 and word[0].isascii() else 0
    return word[:shown] + "".join(sign if sign in PUNCTUATION else "·" for sign in word[shown:])
