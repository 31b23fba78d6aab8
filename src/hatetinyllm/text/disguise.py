"""
Words written so that a filter misses them and a reader does not: for judging, and for training on what evaders write.

A disguise is drawn by text, kind and seed, and is the same on every machine. It does what people do, not the reverse of what
`normalise` undoes: signs that have several readings, words cut in two, letters held down at random. Hashtags, mentions and
links stay. Longer words are disguised first, since those carry the meaning.

| kind        | what is done to a word                                                                    |
|-------------|-------------------------------------------------------------------------------------------|
| leet        | one to three letters become digits or signs (`h4te`, `b!tch`, `wh1t3$`)                    |
| spaces      | letters are pulled apart (`h a t e`, `h.a.t.e`), or the word is cut in two (`ha te`)      |
| confusables | some or all letters become Cyrillic, Greek, fullwidth or mathematical ones                |
| zero-width  | invisible characters stand between letters                                                |
| repeats     | one letter or two are held down                                                           |
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random

from hatetinyllm.errors import UnknownName, did_you_mean

_LEET = {
    "a": ("4", "@", "4"), "b": ("8",), "e": ("3",), "g": ("9", "6"), "i": ("1", "!", "1"), "l": ("1",), "o": ("0",),
    "s": ("5", "$"), "t": ("7",), "z": ("2",),
}  # fmt: skip
_SHAPES = {
    "a": "аαɑ", "b": "Ьƅ", "c": "сϲ", "d": "ԁ", "e": "еє", "g": "ɡ", "h": "һ", "i": "іı", "j": "ј", "k": "кκ", "l": "ӏ",
    "m": "м", "n": "ոп", "o": "оοօ", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "t": "тτ", "u": "υս", "v": "ѵν", "w": "ԝш",
    "x": "хχ", "y": "уγ", "z": "ᴢ",
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "M": "МΜ", "N": "Ν", "O": "ОΟ",
    "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ΥҮ", "Z": "Ζ",
}  # fmt: skip
_ALPHABETS = ((0xFF21, 0xFF41), (0x1D400, 0x1D41A), (0x1D5D4, 0x1D5EE), (0x24B6, 0x24D0), (0x1D670, 0x1D68A))  # A and a of each
_UNSEEN = "\u200b\u200b\u200c\u200d\u2060\ufeff\u00ad"
_GAPS = (" ", " ", " ", ".", "-", "*", "_")
# A word, or what is passed over whole: a link, an address, a mention, a hashtag.
_WORD = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@\S+|[@#&]\w+|(?<![\w/'’])(?P<word>[A-Za-z]{2,})(?![\w@/])")
_CONTENT = 4  # letters of a word that is disguised before shorter ones


def disguise(text: str, kind: str, *, seed: int, share: float = 0.3) -> str:
    """The text with this share of its words disguised, at least one; the same for the same text, kind and seed."""
    if kind not in KINDS:
        raise UnknownName(f"there is no disguise {kind!r} ({did_you_mean(kind, KINDS)})")
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies from 0 to 1, got {share}")
    words = [found for found in _WORD.finditer(text) if found["word"]]
    if not words or share == 0:
        return text
    drawn = Random(int.from_bytes(sha256(f"{kind}\n{seed}\n{text}".encode("utf-8", "surrogatepass")).digest()[:8], "big"))  # noqa: S311 - no secret
    order = sorted(words, key=lambda word: (len(word[0]) < _CONTENT, drawn.random()))
    chosen = {word.start(): word[0] for word in order[: max(1, round(share * len(words)))]}
    for start in sorted(chosen, reverse=True):
        word = chosen[start]
        text = text[:start] + KINDS[kind](word, drawn) + text[start + len(word) :]
    return text


def _leet(word: str, drawn: Random) -> str:
    places = [place for place, letter in enumerate(word) if letter.lower() in _LEET]
    letters = list(word)
    for place in drawn.sample(places, min(len(places), drawn.choice((1, 1, 2, 3)))):
        letters[place] = drawn.choice(_LEET[word[place].lower()])
    return "".join(letters)


def _spaces(word: str, drawn: Random) -> str:
    if len(word) >= _CONTENT and drawn.random() < 0.25:
        cut = drawn.randrange(2, len(word) - 1)
        return f"{word[:cut]} {word[cut:]}"
    return drawn.choice(_GAPS).join(word)


def _confusables(word: str, drawn: Random) -> str:
    if drawn.random() < 0.3:
        capital, small = drawn.choice(_ALPHABETS)
        return "".join(chr((capital if letter.isupper() else small) + ord(letter.lower()) - ord("a")) for letter in word)
    every = drawn.choice((0.4, 0.7, 1.0))
    return "".join(drawn.choice(_SHAPES[letter]) if letter in _SHAPES and drawn.random() < every else letter for letter in word)


def _zero_width(word: str, drawn: Random) -> str:
    places = set(drawn.sample(range(1, len(word)), drawn.randint(1, len(word) - 1)))
    return "".join((drawn.choice(_UNSEEN) if place in places else "") + letter for place, letter in enumerate(word))


def _repeats(word: str, drawn: Random) -> str:
    places = drawn.sample(range(len(word)), min(len(word), drawn.choice((1, 1, 2))))
    times = {place: drawn.randint(3, 6) for place in places}
    return "".join(letter * times.get(place, 1) for place, letter in enumerate(word))


KINDS: Mapping[str, Callable[[str, Random], str]] = {
    "leet": _leet,
    "spaces": _spaces,
    "confusables": _confusables,
    "zero-width": _zero_width,
    "repeats": _repeats,
}
