"""
How people write to be overlooked, and how they mistype: a text in, the same text harder to read out.

Both are done to hateful and harmless texts alike, so odd spelling says nothing of a label.
"""

from collections.abc import Callable
from random import Random

LEET = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"}
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORTEST = 3  # a word of fewer letters is not worth hiding
WORDS_HIDDEN = 2


def spell_oddly(text: str, random: Random) -> str:
    """Hide the longest words of a text, all in one way."""
    hide = random.choice(WAYS)
    words = text.split(" ")
    able = [place for place, word in enumerate(words) if len(word) >= SHORTEST and word.isalpha()]
    longest = sorted(able, key=lambda place: -len(words[place]))[:WORDS_HIDDEN]
    if hide is _without_spaces:
        return _without_spaces(text, random)
    return " ".join(hide(word, random) if place in longest else word for place, word in enumerate(words))


def mistype(text: str, random: Random) -> str:
    """One slip of the finger in one word."""
    words = text.split(" ")
    able = [place for place, word in enumerate(words) if len(word) > SHORTEST and word.isalpha()]
    if able:
        place = random.choice(able)
        words[place] = random.choice((_swapped, _shortened, _doubled, _beside))(words[place], random)
    return " ".join(words)


def _leet(word: str, random: Random) -> str:
    """At least one letter that can be is a digit."""
    able = [place for place, letter in enumerate(word) if letter.lower() in LEET]
    digits = set(random.sample(able, random.randint(1, len(able)))) if able else set[int]()
    return "".join(LEET[letter.lower()] if place in digits else letter for place, letter in enumerate(word))


def _split(word: str, random: Random) -> str:
    return random.choice((" ", " ", ".", "-", "*")).join(word)


def _without_spaces(text: str, random: Random) -> str:
    """Two to four words, or all of a short text, become one."""
    words = text.split(" ")
    joined = min(len(words), random.randint(2, 4)) if len(words) > 8 or random.random() < 0.6 else len(words)
    start = random.randint(0, len(words) - joined)
    return " ".join([*words[:start], "".join(words[start : start + joined]), *words[start + joined :]])


def _swapped(word: str, random: Random) -> str:
    place = random.randint(1, len(word) - 2)
    return f"{word[:place]}{word[place + 1]}{word[place]}{word[place + 2 :]}"


def _shortened(word: str, random: Random) -> str:
    place = random.randint(1, len(word) - 1)
    return word[:place] + word[place + 1 :]


def _doubled(word: str, random: Random) -> str:
    place = random.randint(1, len(word) - 1)
    return word[:place] + word[place] + word[place:]


def _stretched(word: str, random: Random) -> str:
    place = random.randint(1, len(word) - 1)
    return word[:place] + word[place] * random.randint(2, 5) + word[place:]


def _beside(word: str, random: Random) -> str:
    """A neighbour's key is hit instead."""
    place = random.randint(1, len(word) - 1)
    row = next((row for row in KEYS if word[place] in row), word[place])
    near = row.index(word[place]) + random.choice((-1, 1))
    return word[:place] + row[max(0, min(near, len(row) - 1))] + word[place + 1 :]


def _starred(word: str, random: Random) -> str:
    place = random.randint(1, len(word) - 2)
    return f"{word[:place]}{random.choice('*#@')}{word[place + 1 :]}"


WAYS: tuple[Callable[[str, Random], str], ...] = (
    _leet, _leet, _split, _split, _without_spaces, _without_spaces, _swapped, _shortened, _stretched, _starred,
)  # fmt: skip
