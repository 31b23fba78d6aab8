"""
Whether a short text is in another language than English: told by its script, or by the small words that hold a sentence together.

A text looks foreign where, after the disguises of letters are undone, either
- more of its letters are of other scripts than the Latin one, and at least three are; or
- two different small words of one other language stand in it (a word with an accented letter may be the second), and such
  words outnumber the small words of English.
Everything else counts as English: slang, misspelling, slurs, names, a few words of which nothing can be said. To read a text in
vain costs little; to refuse one in English costs an answer. No model, no statistics: the words stand in `function_words.toml`.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from hatetinyllm.text.normalise import NEWEST, normalise

ENGLISH = "en"
_LEAST_LETTERS = 3  # of another script; fewer may be signs (`ツ`, `ω`)
_LEAST_WORDS = 2  # different ones that speak for a language
_ASIDE = re.compile(r"@user\b|\bhttps?\b|[@#]\w+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_OTHER_SCRIPT = re.compile(
    r"(?![\u1d00-\u1dbf\u1e00-\u1eff\u2000-\u2bff\ua720-\ua7ff\uab30-\uab6f\ufb00-\ufb06])[^\W\d_\x00-\u02ff]"
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


def looks_foreign(text: str) -> bool:
    """Whether a text is in another language than English, as far as that can be told; in doubt it is not."""
    plain = _ASIDE.sub(" ", normalise(text, NEWEST).text)
    if not plain.isascii():
        others = len(_OTHER_SCRIPT.findall(plain))
        if others >= _LEAST_LETTERS and others > len(_LATIN.findall(plain)):
            return True
    return _speaks_foreign([word.replace("’", "'") for word in _WORD.findall(plain.lower())])


def _speaks_foreign(words: list[str]) -> bool:
    known = _languages()
    english, accented, kinds = 0, 0, set(words)
    found: Counter[str] = Counter()
    for word in words:
        languages = known.get(word)
        if languages is None:
            accented += _ACCENTED.search(word) is not None
        elif languages == (ENGLISH,):
            english += 1
        else:
            found.update(languages)
    if not found:
        return False
    different = Counter(language for word in kinds for language in known.get(word, ()) if language != ENGLISH)
    return any(different[language] + accented >= _LEAST_WORDS and count + accented > english for language, count in found.items())


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, tuple[str, ...]]:
    """Small word -> the languages it belongs to; a word of English belongs to no other."""
    listed = tomllib.loads(files("hatetinyllm.text").joinpath("function_words.toml").read_text(encoding="utf-8"))
    found: dict[str, tuple[str, ...]] = dict.fromkeys(listed[ENGLISH].split(), (ENGLISH,))
    for language, words in listed.items():
        for word in words.split():
            if found.get(word) != (ENGLISH,):
                found[word] = (*found.get(word, ()), language)
    return found
