"""
The one normalisation, for training and for verdicts: what a reader sees stays, how it was typed goes.

A version that was released never changes: a bundle records the version it was trained with, and `NORMALISERS` keeps
them all. Version 1 makes these steps in this order, and again until nothing changes any more:

| step             | what it does                                                                                        |
|------------------|-----------------------------------------------------------------------------------------------------|
| surrogates       | halves of a character left by broken JSON: a pair is joined, a lone one becomes U+FFFD              |
| entities         | `&amp;` `&#39;` `&#x27;` -> the character, only with their semicolon (`R&D`, `this&region` stay)     |
| line marks       | `|LBR|`, a source's mark for a line break -> a space                                                |
| blanks           | Braille and Hangul blanks, which look like spaces and are none -> a space                           |
| invisible        | control, zero-width and bidi characters, soft hyphens, tags and variation selectors are removed,    |
|                  | so that an emoji has one spelling (`❤` with or without its selector)                                 |
| joiners          | ZWJ and ZWNJ stay where they carry meaning: inside emoji sequences, between letters of Arabic and    |
|                  | Indic scripts, ZWJ after a virama; elsewhere they are removed                                        |
| stacked marks    | more than 8 combining marks in a row are decoration: the rest is removed                            |
| compatibility    | NFKC, cluster by cluster (`ｆｕｌｌ`, `𝐛𝐨𝐥𝐝`, `①` -> plain); `´ ¨ ¯` and their like stay, because      |
|                  | NFKC would break a word with a space                                                                 |
| white space      | every run, of every kind -> one space; none at the ends                                             |
| links            | `https://...` and `www...` -> `http`; punctuation that ends the sentence stays                      |
| mentions         | `@name` -> `@user`; e-mail addresses stay                                                           |

No lower-casing, no leet, no confusable letters: shouting and disguise are signals.

Version 2 undoes disguises too, so that a model need not learn each of them. It makes the same steps, and these between or after:

| step             | what it does                                                                                        |
|------------------|-----------------------------------------------------------------------------------------------------|
| loose marks      | marks on Latin letters that make no letter of an alphabet (struck through, underlined) are removed  |
| spaced letters   | `h a t e`, `h.a.t.e` -> `hate`: before white space, because two spaces part two words               |
| leading at       | `@ss` and its kind -> the word, before mentions                                                     |
| lookalikes       | Cyrillic, Greek and other letters in Latin words -> Latin (`confusables.py`)                        |
| leet             | digits and signs inside words -> letters (`leet.py`); numbers, prices, `4th`, hashtags stay         |
| repeats          | a letter three times or more -> two or one, as English has it                                   |

A text whose entities are nested deeper than 8 times attacks the reader and not a person: its `&` are removed.
Characters are classified by Python's own Unicode tables. Normal forms of assigned characters never change; a character
that is younger than the tables of an older Python passes through it as it is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape
from html.entities import html5

from hatetinyllm.text.confusables import lookalikes, loose_marks
from hatetinyllm.text.edit import Edit, Normalised, Step, edited, untouched
from hatetinyllm.text.leet import leading_at, leet
from hatetinyllm.text.spelling import repeats, spaced_letters

VERSION = 1  # what is taken where no version is named
NEWEST = 2
ROUNDS = 8
MARKS_IN_A_ROW = 8

# In plain ASCII only these can need a change; a text without them is its own normal form.
_SUSPECT = re.compile(r"[^ -~]|[&@]|\|LBR\||  |\A | \Z|://|www\.", re.IGNORECASE)
# And for version 2: a sign inside a word, three of one letter, three single letters.
_DISGUISED = re.compile(
    r"[A-Za-z](?:[0-9$]|!(?=[A-Za-z]))|[0-9$!][A-Za-z]|([A-Za-z])\1\1"
    r"|(?<![A-Za-z0-9])[A-Za-z][^A-Za-z0-9]{1,4}[A-Za-z][^A-Za-z0-9]{1,4}[A-Za-z0-9$!](?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINE_MARK = re.compile(r"\|LBR\|")
_BLANK = re.compile("[\u2800\u3164\uffa0]")
# Unicode's Default_Ignorable_Code_Point without the joiners, and the control characters that are not white space.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_JOINERS = re.compile("[\u200c\u200d]+")
_EMOJI = re.compile("[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]")
_JOINED_SCRIPT = re.compile("[\u0600-\u0dff\u1000-\u109f\u1780-\u18af]")
_VIRAMA = re.compile("[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]")
_LONG_FOREIGN_RUN = re.compile(rf"[^\x00-\x7f]{{{MARKS_IN_A_ROW + 1},}}")
_FOREIGN_RUN = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")  # with the letter before, which an accent may join
_WHITE_SPACE = re.compile(r"\s+")
# A link ends where emoji and the letters of East Asia begin: those stick to links without a space.
_LINK = re.compile(r"(?:https?://|(?<!\w)www\.)[^\s\u2600-\U0010ffff]*[^\s\u2600-\U0010ffff.,;:!?'\")\]}>»›’”]", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@])@++[A-Za-z0-9_]+")


def normalise(text: str, version: int = VERSION) -> Normalised:
    """The text in the normal form of a version, with the way back; a version that is not known is a KeyError."""
    return NORMALISERS[version](text)


def _normalise_1(text: str) -> Normalised:
    return _normalised(text, _STEPS_1) if _SUSPECT.search(text) else untouched(text)


def _normalise_2(text: str) -> Normalised:
    return _normalised(text, _STEPS_2) if _SUSPECT.search(text) or _DISGUISED.search(text) else untouched(text)


def _normalised(text: str, steps: Sequence[Step]) -> Normalised:
    settled, found = _settle(untouched(text), steps)
    if not settled:
        found = edited(found, [Edit(match.start(), match.end(), "") for match in re.finditer("&", found.text)])
        settled, found = _settle(found, steps)
        assert settled, "without entities every step shortens the text or leaves it, or puts letters for other signs"
    return found


def _settle(found: Normalised, steps: Sequence[Step]) -> tuple[bool, Normalised]:
    """All steps, again and again until nothing changes; whether that came to an end, and how far it got."""
    for _ in range(ROUNDS):
        before = found.text
        for step in steps:
            if edits := list(step(found.text)):
                found = edited(found, edits)
        if found.text == before:
            return True, found
    return False, found


def _surrogates(text: str) -> Iterator[Edit]:
    for match in _SURROGATES.finditer(text):
        pair = match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le") if len(match[0]) == 2 else "\ufffd"
        yield Edit(match.start(), match.end(), pair)


def _entities(text: str) -> Iterator[Edit]:
    for match in _ENTITY.finditer(text):
        character = unescape(match[0]) if match[0][1] == "#" else html5.get(match[0][1:])
        if character is not None:
            yield Edit(match.start(), match.end(), character)


def _replacing(pattern: re.Pattern[str], replacement: str) -> Step:
    """The step that puts a replacement wherever a pattern is found."""

    def step(text: str) -> Iterator[Edit]:
        for match in pattern.finditer(text):
            if match[0] != replacement:
                yield Edit(match.start(), match.end(), replacement)

    return step


def _joiners(text: str) -> Iterator[Edit]:
    for match in _JOINERS.finditer(text):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        joins_emoji = match[0][0] == "\u200d" and _EMOJI.match(before) and _EMOJI.match(after)
        joins_letters = _JOINED_SCRIPT.match(before) and _JOINED_SCRIPT.match(after)
        shapes_letter = match[0][0] == "\u200d" and _VIRAMA.match(before)
        kept = 1 if joins_emoji or joins_letters or shapes_letter else 0
        if len(match[0]) > kept:
            yield Edit(match.start() + kept, match.end(), "")


def _stacked_marks(text: str) -> Iterator[Edit]:
    for match in _LONG_FOREIGN_RUN.finditer(text):
        marks = 0
        for at in range(match.start(), match.end()):
            marks = marks + 1 if unicodedata.category(text[at])[0] == "M" else 0
            if marks > MARKS_IN_A_ROW:
                yield Edit(at, at + 1, "")


def _compatibility(text: str) -> Iterator[Edit]:
    if unicodedata.is_normalized("NFKC", text):
        return
    for match in _FOREIGN_RUN.finditer(text):
        if unicodedata.is_normalized("NFKC", match[0]):
            continue
        start = match.start()
        for at in range(start + 1, match.end() + 1):
            if at == match.end() or _begins_cluster(text[at]):
                cluster = text[start:at]
                plain = _plain_cluster(cluster)
                if plain != cluster:
                    yield Edit(start, at, plain)
                start = at


@lru_cache(maxsize=4096)
def _begins_cluster(character: str) -> bool:
    """Whether normalisation never joins the character to the one before: no mark, no inner part of a Hangul syllable."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] != "M" and not "\u1160" <= first <= "\u11ff"


def _plain_cluster(cluster: str) -> str:
    first = cluster[0]
    if not first.isspace() and unicodedata.normalize("NFKC", first)[0] == " ":
        return first + unicodedata.normalize("NFKC", cluster[1:])
    return unicodedata.normalize("NFKC", cluster)


def _white_space(text: str) -> Iterator[Edit]:
    for match in _WHITE_SPACE.finditer(text):
        kept = "" if match.start() == 0 or match.end() == len(text) else " "
        if match[0] != kept:
            yield Edit(match.start(), match.end(), kept)


_LINES_1: tuple[Step, ...] = (
    _surrogates,
    _entities,
    _replacing(_LINE_MARK, " "),
    _replacing(_BLANK, " "),
    _replacing(_INVISIBLE, ""),
    _joiners,
    _stacked_marks,
    _compatibility,
)
_STEPS_1 = (*_LINES_1, _white_space, _replacing(_LINK, "http"), _replacing(_MENTION, "@user"))
_STEPS_2 = (
    *_LINES_1,
    loose_marks,
    spaced_letters,  # while two spaces still part two words
    _white_space,
    _replacing(_LINK, "http"),
    leading_at,
    _replacing(_MENTION, "@user"),
    lookalikes,
    leet,
    repeats,
)

NORMALISERS: Mapping[int, Callable[[str], Normalised]] = {1: _normalise_1, 2: _normalise_2}
