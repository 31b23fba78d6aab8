"""
Digits and signs in the place of letters: `h4te`, `id10t`, `b@stard`, `$hit`.

Only inside words, and only where nothing plainer explains them: numbers, prices, ordinals (`4th`), units (`80kg`), names with a
number (`covid19`, `B2B`, `ps4`), hashtags and mentions stay. Without a dictionary some tokens stay ambiguous; those
are left alone. What is masked by stars (`f**k`) is not undone: it could be any letter.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from hatetinyllm.text.edit import Edit, replaced

LETTERS = dict(zip("013456789@$!€£¢§", "oieasgtbgasielcs", strict=True))
REBUS = {
    "h8": "hate", "h8s": "hates", "h8r": "hater", "h8rs": "haters", "h8er": "hater", "h8ers": "haters", "h8ed": "hated",
    "h8ing": "hating", "h8ful": "hateful", "m8": "mate", "m8s": "mates", "gr8": "great", "l8": "late", "l8r": "later",
    "w8": "wait", "str8": "straight", "sk8": "skate",
}  # fmt: skip

_TOKEN = re.compile(r"[A-Za-z0-9@$!€£¢§]+")
_SIGNS = re.compile(r"[^A-Za-z]+")
_DOUBLED = re.compile(r"(.)\1{1,2}|10")  # runs inside a word that are no number: `b00bs`, `ni66er`, `id10t`
_NAMED = re.compile(
    r"(?:iphone|ipad|gta|ps|mp|win|windows|ww|web|q|mi|md|hp|rtx|gtx|xbox|fifa|area|a1)\d+[a-z]?|covid\d+[a-z]*", re.I
)
# What follows a number without a space; `4ever` and `4u` say "for", `4chan` is a name.
_AFTER_NUMBER = re.compile(
    r"(?:st|nd|rd|th|[kmbgxdsfvpchwj]|bn|mil|mm|cm|km|kg|mg|ml|lbs?|oz|ft|in|mph|kph|[kmgt]b|[kmg]?hz|[ap]m|mins?|minutes?|secs?|"
    r"seconds?|h(?:ou)?rs?|hours?|days?|weeks?|wks?|months?|y(?:ea)?rs?|years?|yo|old|ish|ers?|some|somes?|way|ways|times|men|women|"
    r"people|ppl|guys|girls|kids|dollars?|bucks|points?|pts|percent|pct|miles?|pounds|inch|inches|feet|feets|stars?|pack|gen|ball|"
    r"chan|mile|gag|ever|real|get|u|me|you|life|sure|and|or|to|of|more|million|billion|thousand|grand|lol|v\d|on\d)",
    re.I,
)
# What people number without a space.
_NUMBERED = re.compile(
    r"day|win|top|gen|vol|ver|fig|act|bus|age|aged|gta|pro|max|rev|run|try|set|lap|leg|bed|mac|bmw|formula|part|level|iphone|ipad|xbox|tier|type|area|chapter|season|series|episode|volume|version|windows|group|grade|class|team|round|step|"
    r"phase|stage|number|page|rule|plan|gate|line|room|unit|size|game|figure|table|column|covid|fifa|galaxy|question|option|"
    r"article|section|world|apollo|euro|channel|radio|district|zone|route|player|january|february|march|april|june|july|"
    r"august|september|october|november|december",
    re.I,
)
_INNER_I = re.compile(r"\A[b-df-hj-np-tv-xz]{1,3}![b-df-hj-np-tv-xz]|[a-z]!(?:n[gkt]|ck|ll|ts|ss|gg|tt|rl|rt)", re.I)
_ADDRESS = re.compile(r"@(?:user(?![a-z])|[A-Z][a-z])")  # somebody's name behind a word, and not a letter of it
_FINDS = 3  # letters that a token needs where its case or its signs speak for a code


def leet(text: str) -> Iterator[Edit]:
    """Every sign that stands for a letter."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token.isalpha() or token.isdigit() or _stands_apart(text, match.start(), match.end()):
            continue
        start = match.start() + len(token) - len(token.lstrip("!"))
        core = token.strip("!")
        if core.lower() in REBUS:
            yield Edit(start, start + len(core), _cased(REBUS[core.lower()], core))
        elif _is_word(core):
            yield from replaced(start, core, _spelt(core))


def leading_at(text: str) -> Iterator[Edit]:
    """`@ss` and its kind, which would be taken for a mention."""
    for match in re.finditer(r"(?<![\w@])@(?=(?:ss(?:es|holes?|hat|wipe)?|rabs?|nal)\b)", text, re.IGNORECASE):
        yield Edit(match.start(), match.end(), "a")


def _stands_apart(text: str, start: int, end: int) -> bool:
    """Whether a token is part of something else: a hashtag, a name with an underscore, an address, a foreign word."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if (before and before in "#_&/=") or after == "_" or text[start] == "@":
        return True
    if "@" in text[start:end] and (re.match(r"[.-][A-Za-z]", text[end : end + 2]) or _ADDRESS.search(text, start, end)):
        return True
    return before.isalpha() or after.isalpha()


def _is_word(token: str) -> bool:
    """Whether the signs of a token stand for letters."""
    letters = sum(character.isalpha() for character in token)
    runs = [(match.start(), match.end()) for match in _SIGNS.finditer(token)]
    signs = len(token) - letters
    if letters < 2 or not runs or signs > letters or "2" in token or _NAMED.fullmatch(token):
        return _is_short_with_dollars(token)
    if letters < _FINDS and (token.isupper() or "6" in token or "9" in token):
        return False
    inner = [token[start:end] for start, end in runs if start > 0 and end < len(token)]
    if any(len(run) > 1 and run.isdigit() and not (letters >= _FINDS or _DOUBLED.fullmatch(run)) for run in inner):
        return False
    if runs[0][0] == 0 and not _begins_word(token, runs[0][1]):
        return False
    if "!" in token and not _exclaims_no_end(token):
        return False
    return bool(inner) or runs[0][0] == 0 or _ends_word(token, runs[-1][0])


def _is_short_with_dollars(token: str) -> bool:
    return re.fullmatch(r"[a@]\$\$", token, re.IGNORECASE) is not None


def _begins_word(token: str, end: int) -> bool:
    """Whether a token's first sign is its first letter: one sign, and no unit behind it."""
    rest = token[end:]
    if token[0] == "$":
        return end <= 2 and len(rest) >= _FINDS and not rest.isupper()
    if token.lower() in ("4ss", "4sses"):
        return True
    return end == 1 and token[0] in "01345789" and len(rest) >= _FINDS and not _AFTER_NUMBER.fullmatch(rest)


def _ends_word(token: str, start: int) -> bool:
    """Whether signs at the end alone make a token leet: `nigg4`, `jew$`."""
    end, before = token[start:], token[:start]
    if end in ("$", "$$"):
        return before.islower() or before.istitle()
    if end in ("4", "3", "0", "@") and len(before) >= _FINDS and before[-1].lower() == before[-2].lower():
        return True
    if len(before) < _FINDS or not before.isalpha() or _NUMBERED.fullmatch(before):
        return False
    if end in ("9", "1"):
        return before.lower().endswith("in" if end == "9" else "l")
    return end in ("0", "3", "4", "5", "7") and (len(before) > _FINDS or before.islower())


def _exclaims_no_end(token: str) -> bool:
    """Whether `!` stands for a letter and does not end a sentence that lacks its space (`stop!it`)."""
    others = [sign for sign in LETTERS if sign != "!" and sign in token]
    return bool(others) or _INNER_I.search(token) is not None


def _spelt(token: str) -> str:
    """The token with letters for its signs, in its own case."""
    shouted = sum(character.isupper() for character in token) >= 2 and not any(character.islower() for character in token)
    found = list(token)
    for place, sign in enumerate(token):
        if sign in LETTERS:
            letter = _one(found, place, token) if sign == "1" else LETTERS[sign]
            found[place] = letter.upper() if shouted else letter
    return "".join(found)


def _one(found: list[str], place: int, token: str) -> str:
    """`1` is an i or an l, by what stands around it: `b1tch`, `p1ease`."""
    before = "".join(found[max(place - 2, 0) : place]).lower().rjust(2, "^")
    follows = token[place + 1 : place + 2].lower()
    return "l" if before + (LETTERS.get(follows, follows) or "$") in _l_before_i() else "i"


@lru_cache(maxsize=1)
def _l_before_i() -> frozenset[str]:
    """Two letters before and one after, where words have an l more often than an i; made by `tools/make_letters.py`."""
    return frozenset(files("hatetinyllm.text").joinpath("one.txt").read_text(encoding="utf-8").split())


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() and len(like) > 2 else word.capitalize() if like[0].isupper() else word
