"""
Words pulled apart letter by letter (`h a t e`, `h.a.t.e`) and letters held down (`haaaate`).

Three single letters or more, all with the same thing between them, are a word; two spaces part two words. A word that is cut into
pieces of several letters (`ha te`) cannot be told from two words without a dictionary, and stays.
A letter that stands three times or more becomes two where most words with these letters around it have it twice (`gooood` ->
`good`), else one (`haaate` -> `hate`): `doubled.txt` lists these places, and `tools/make_letters.py` made it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from hatetinyllm.text.edit import Edit

_LETTER = r"(?:[^\W\d_]|(?<=[^\w])[013457@$!])"
_SPACED = re.compile(
    rf"(?<![^\W_])(?<!['’@#$&])[^\W\d_](?P<gap> |(?: ?[.\-_*·•~|+] ?)){_LETTER}(?:(?P=gap){_LETTER})+(?![^\W_]|['’][^\W\d_])"
)
_ABBREVIATED = frozenset({"ura", "rua", "icu", "uri", "iru", "yru", "ruk", "una", "inu", "unr"})  # you are a, I see you
_AFTER_I = re.compile(r"(?:am|[b-df-hj-np-tv-z][aeiouy]|[bcfgkps][lr]|[cpstw]h|[dt]r|s[ckmnptw]|kn|wr|tw)", re.I)
_NO_WORD_AFTER_I = re.compile(r"[hwkbfjy]|[cptw]h|tr|kn", re.I)  # no word begins with `ith`, `iw`
_BEFORE_A = re.compile(r"(?:\A|(?<=\W))(?:is|was|as|such|like|be|just|of|what|not|re|s|m)\Z", re.I)
_BEFORE_I = re.compile(r"(?:\A|[.!?,;:]|(?:\A|(?<=\W))(?:and|but|that|because|if|when|so|why|how|what))\Z", re.I)
_REPEATED = re.compile(r"([A-Za-z])\1{2,}", re.IGNORECASE)


def spaced_letters(text: str) -> Iterator[Edit]:
    """The gaps in words that are written letter by letter."""
    for match in _SPACED.finditer(text):
        gap = match["gap"]
        places = range(match.start(), match.end(), 1 + len(gap))
        word = "".join(text[place] for place in places)
        if not _is_word(word, gap):
            continue
        parted = _parted(word, text[: match.start()][-12:]) if gap == " " else 0
        for number, place in enumerate(places[:-1], 1):
            if number != parted:
                yield Edit(place + 1, place + 1 + len(gap), "")


def repeats(text: str) -> Iterator[Edit]:
    """Letters that stand more often in a row than any word has them."""
    for match in _REPEATED.finditer(text):
        kept = _kept(text, match)
        if match.end() - match.start() > kept:
            yield Edit(match.start() + kept, match.end(), "")


def _is_word(word: str, gap: str) -> bool:
    lower = word.lower()
    if len(set(lower)) == 1 or (gap == " " and lower in _ABBREVIATED):
        return False
    return 2 * sum(character.isalpha() for character in word) >= len(word)


def _parted(word: str, before: str) -> int:
    """How many letters of a run are a word of their own: 1 for `I` or `a` before a word, else 0."""
    rest = word[1:]
    if not (len(rest) >= 3 or rest == "am") or not _AFTER_I.match(rest):
        return 0
    if word[0] == "I" and rest.islower():
        return 1
    before = before.rstrip()
    if word[0] == "i" and _NO_WORD_AFTER_I.match(rest):
        return 1
    return int(bool(word[0] == "a" and _BEFORE_A.search(before)) or bool(word[0] == "i" and _BEFORE_I.search(before)))


def _kept(text: str, match: re.Match[str]) -> int:
    """How many letters of a run stay: a word of one letter (`KKK`, `xxx`) keeps three."""
    before, after = text[max(match.start() - 2, 0) : match.start()], text[match.end() : match.end() + 1]
    if not before[-1:].isalpha() and not after.isalpha():
        return 3
    inside = [letter.lower() if letter.isalpha() else "^" for letter in before]
    if inside and inside[-1] == "^":
        inside = []
    place = "".join(inside).rjust(2, "^") + match[1].lower() + (after.lower() if after.isalpha() else "$")
    return 2 if place in _doubled() else 1


@lru_cache(maxsize=1)
def _doubled() -> frozenset[str]:
    return frozenset(files("hatetinyllm.text").joinpath("doubled.txt").read_text(encoding="utf-8").split())
