"""
Letters that look like Latin ones, and marks put on letters for show: an English reader sees `hate` in `hаtе`.

A word that mixes scripts is read as Latin. A word of lookalikes from one script is read so only beside Latin letters, and
where every Cyrillic and Greek letter of the text is a twin: a Russian or Greek sentence stays as it is.
Letters that a Latin alphabet has of its own (`é`, `ø`, `ß`) are spelling, not disguise. This file knows shapes, not languages.
"""

import re
from collections.abc import Iterator

from hatetinyllm.text.edit import Edit, replaced

# letter -> those that are taken for it
_LOOKALIKES = {
    "a": "ааαάаɑɐᴀⱥд", "b": "вьъβʙɓƅб", "c": "сςᴄϲ", "d": "ԁᴅɗժ", "e": "еёєҽεέᴇɛəǝ", "f": "ꜰƒ", "g": "ɡɢɠց", "h": "һнհʜɥ",
    "i": "іїιίϊΐıɪɩ", "j": "јϳᴊյ", "k": "кҡκᴋƙ", "l": "ʟӀӏ", "m": "мᴍɯ", "n": "ипηήπոɴɳɲл", "o": "оөοόσօᴏɔ", "p": "рρᴘƥ",
    "q": "ԛզ", "r": "гяʀɹɍ", "s": "ѕꜱʂƨ", "t": "тτᴛƭʇ", "u": "цυύϋΰսᴜμ", "v": "ѵνᴠʋ", "w": "ԝшщωώᴡ", "x": "хχҳ", "y": "уүγчʏ",
    "z": "ᴢȥζ",
    "A": "АΑΆДΛΔᎪ", "B": "ВΒЬЪБᏴ", "C": "СϹᏟ", "D": "ᎠԀ", "E": "ЕЁЄΕΈΣᎬ", "G": "ԌᏀ", "H": "НΗΉᎻҺ", "I": "ІЇΙΊΪ", "J": "ЈᎫ",
    "K": "КΚᏦ", "L": "Ꮮ", "M": "МΜᎷ", "N": "ΝИПЛ", "O": "ОΟΌӨ", "P": "РΡᏢ", "R": "ЯГᎡ", "S": "ЅՏᏚ", "T": "ТΤᎢ", "U": "ЦՍ",
    "V": "ѴᏙ", "W": "ԜШЩᎳ", "X": "ХΧҲ", "Y": "УΥΎҮЧ", "Z": "ΖᏃ",
}  # fmt: skip
_ENCLOSED = {chr(first + index): chr(ord("a") + index) for first in (0x1F150, 0x1F170) for index in range(26)}
LATIN = {other: letter for letter, others in _LOOKALIKES.items() for other in others} | _ENCLOSED
# Letters that are the same shape in most fonts: a word of nothing else may be meant to pass for Latin.
_TWINS = frozenset("асԁеһіјӏорԛѕԝхуѵАВСЕНІЈКМОРЅТХҮԜѴαιορνυΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօսհ")

_WORD = re.compile(r"(?:[^\W\d_]|[0-9@$!](?=[^\W\d_])|[\U0001f150-\U0001f169\U0001f170-\U0001f189])+")
_FOREIGN = re.compile("[\u0370-\u058f\u13a0-\u13ff]")  # Greek, Cyrillic, Armenian, Cherokee
_LATIN_LETTER = re.compile("[A-Za-z]")
_SCRIPTS = [
    re.compile(one) for one in ("[A-Za-z\u0180-\u02af\u1d00-\u1d7f]", "[\u0370-\u03ff]", "[\u0400-\u052f]", "[\u0530-\u058f]")
]
_UNIT = re.compile("μ[A-Za-z]{1,2}")  # of measure
_MARKS = re.compile("(?<=[A-Za-z])[\u0300-\u036f\u0483-\u0489\u20d0-\u20e2\u20e4-\u20f0]+")
_TABLE = str.maketrans(LATIN)


def loose_marks(text: str) -> Iterator[Edit]:
    """Marks that no letter has room for: struck through, underlined, stacked."""
    if not text.isascii():
        for match in _MARKS.finditer(text):
            yield Edit(match.start(), match.end(), "")


def lookalikes(text: str) -> Iterator[Edit]:
    """Every lookalike in a word that is to be read as Latin."""
    if text.isascii() or not _LATIN_LETTER.search(text):
        return
    only_twins = all(letter in _TWINS for letter in _FOREIGN.findall(text))
    for match in _WORD.finditer(text):
        word = match[0]
        if word.isascii() or not (only_twins or _mixed(word)) or _UNIT.fullmatch(word):
            continue
        plain = _latin(word)
        if not _FOREIGN.search(plain):
            yield from replaced(match.start(), word, plain)


def _mixed(word: str) -> bool:
    """Whether a word has letters of several scripts, as no word of any language has."""
    return sum(script.search(word) is not None for script in _SCRIPTS) > 1


def _latin(word: str) -> str:
    plain = word.translate(_TABLE)
    shouted = all(other.isupper() for other in word if other.isascii() and other.isalpha())
    return "".join(new.upper() if old in _ENCLOSED and shouted else new for old, new in zip(word, plain, strict=True))
