"""
A line of text as a reader would read it: marks of layout go, words and signs stay.

How a message was typed (capitals, emoji, signs for letters) is a signal and stays, in prose too. What is left out has one of
the reasons below, so that a corpus can say what it lost.
"""

import re
from html import unescape

HEADING, SYMBOLS, BOILERPLATE = "headings", "lines of symbols", "boilerplate"
LEAST_LETTERS = 0.5  # of the signs of a line of prose; a message may be emoji alone
SEEN_CHARACTERS = 100  # of a line are enough to tell signs from words
LONGEST_BOILERPLATE = 200
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<!--.*?-->")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_NOTE = re.compile(r"\[\^?[0-9*]{1,4}\]")
_EMPHASIS = re.compile(r"(?<!\w)(_{1,3}|\*{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!-])")
_BEFORE = re.compile(r"\s{0,3}(?:>\s?)+|\s*\*\s+")  # a quotation, or an item of a list
_BOILERPLATE = re.compile(
    r"project gutenberg|gutenberg\.org|pgdp\.net|transcriber.?s? note|distributed proofread|all rights reserved|\[illustration\b|"
    r"\A\W{0,9}(?:the end|finis|contents|footnotes?|illustrations?)\W{0,9}\Z",
    re.IGNORECASE,
)


def heading(line: str) -> bool:
    """Whether a line of prose is a heading of Markdown: a new section begins."""
    return line.startswith(("#", " ")) and bool(_HEADING.match(line))


def plain(text: str) -> str:
    """A message without markup and entities; its lines stay lines."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = unescape(text)
    if not text.isprintable():  # a line's end is not either
        text = _INVISIBLE.sub("", text)
    if "\n" not in text and "\r" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def prose(line: str) -> str:
    """A paragraph of a book without the marks of Markdown; empty where nothing is left."""
    if line[:1] in "> *":
        line = _BEFORE.sub("", line, count=1)
    if "[" in line:
        line = _NOTE.sub("", _LINK.sub(r"\1", _IMAGE.sub("", line)))
    if "_" in line or "*" in line:
        line = _EMPHASIS.sub(r"\2", line)
    if "\\" in line:
        line = _ESCAPED.sub(r"\1", line)
    return plain(line)


def useless(line: str) -> str:
    """The reason to leave out a cleaned line of prose, or nothing."""
    seen = line[:SEEN_CHARACTERS].replace(" ", "")
    if sum(map(str.isalnum, seen)) < LEAST_LETTERS * len(seen):
        return SYMBOLS
    return BOILERPLATE if len(line) <= LONGEST_BOILERPLATE and _BOILERPLATE.search(line) else ""
