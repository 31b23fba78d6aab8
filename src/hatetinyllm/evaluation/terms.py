"""
Which people a text names, by a list of neutral terms that anybody can change; and the same text naming others.

A term counts as a mention wherever it stands as a whole word: "disabled" is one in "the alarm was disabled" too. So groups
by terms are a sieve, not an annotation, and are told apart from groups that annotators named.

A swap exchanges the singular or plural of a group for that of others on its axis, and only in texts that name this group
alone and no longer name it afterwards. It assumes that the exchange keeps the label and the sense, which no list of words
can promise ("women give birth"): a person must judge that.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.evaluation.rows import Marks

DEFAULT = Path(__file__).parent / "terms.toml"
FORMS = ("singular", "plural")
KEYS = ("axis", *FORMS, "terms")
VOWELS = tuple("aeiou")


@dataclass(frozen=True, kw_only=True)
class Group:
    """People, the words that name them, and the axis on which they may be exchanged for others."""

    name: str
    axis: str
    singular: str
    plural: str
    terms: tuple[str, ...]  # all words that count as a mention, the two forms first


@dataclass(frozen=True, kw_only=True)
class Swap:
    """A text in which a group was exchanged for another of its axis; `row` is the place of the original."""

    row: int
    group: str
    other: str
    text: str


def read_terms(path: Path = DEFAULT) -> tuple[Group, ...]:
    """The groups of a list; all that is wrong with it at once."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"the list of terms {path} cannot be read: {error}") from error
    problems = [problem for name, entry in given.items() for problem in _problems(name, entry)]
    if problems or not given:
        raise DataError(f"the list of terms {path} cannot be used", problems or ["it names no group: [women], with its terms"])
    return tuple(_group(name, entry) for name, entry in given.items())


def mentions_of(texts: Sequence[str], groups: Sequence[Group]) -> dict[str, Marks]:
    """For each group the texts that name it."""
    lowered = [text.casefold() for text in texts]
    found = {}
    for group in groups:
        pattern = _pattern(group.terms)
        found[group.name] = np.array([pattern.search(text) is not None for text in lowered], dtype=np.bool_)
    return found


def swaps_of(texts: Sequence[str], groups: Sequence[Group], *, most: int, seed: int) -> tuple[Swap, ...]:
    """The swaps of at most so many texts, drawn by chance among those that can be swapped."""
    mentions = mentions_of(texts, groups)
    named = np.sum(list(mentions.values()), axis=0) if mentions else np.zeros(len(texts))
    able = [
        found
        for group in groups
        for row in np.flatnonzero(mentions[group.name] & (named == 1)).tolist()
        if (found := _swaps_of_one(row, texts[row], group, groups))
    ]
    if len(able) > most:
        able = [able[place] for place in sorted(np.random.default_rng(seed).choice(len(able), most, replace=False))]
    return tuple(swap for found in able for swap in found)


def exchanged(text: str, group: Group, other: Group) -> str:
    """The text with one group's forms in place of another's, capitals kept, and "a" or "an" as the new word has it."""
    # Sought in the folded text, as mentions are: folding can lengthen a sign, so each folded one knows its place in the text.
    folded, places = text.casefold(), [place for place, sign in enumerate(text) for _ in sign.casefold()]
    made, done = [], 0
    for found in _forms_of(group).finditer(folded):
        start, end = places[found.start("form")], places[found.end("form") - 1] + 1
        word = other.singular if found["form"] == group.singular else other.plural
        if found["article"] and found["form"] == group.singular:
            place = places[found.start("article")]
            before = text[place : places[found.end("article")]]
            article = _cased("an" if word[0] in VOWELS else "a", before + text[start:end])
            made += [text[done:place], article, text[place + len(before) : start]]
        else:
            made.append(text[done:start])
        made.append(_cased(word, text[start:end]))
        done = end
    return "".join([*made, text[done:]])


def _swaps_of_one(row: int, text: str, group: Group, groups: Sequence[Group]) -> tuple[Swap, ...]:
    """The exchanges of a text that leave nothing of the group: a text as it was, or with others beside it, is no swap."""
    others = {other.name: exchanged(text, group, other) for other in groups if other.axis == group.axis and other != group}
    still = _pattern(group.terms)
    kept = {name: made for name, made in others.items() if not still.search(made.casefold())}
    return tuple(Swap(row=row, group=group.name, other=name, text=made) for name, made in kept.items())


def _pattern(terms: Sequence[str]) -> re.Pattern[str]:
    return re.compile(_any_of(terms))


def _forms_of(group: Group) -> re.Pattern[str]:
    return re.compile(rf"(?:(?<!\w)(?P<article>an?)\s+)?(?P<form>{_any_of((group.singular, group.plural))})")


def _any_of(terms: Sequence[str]) -> str:
    longest_first = sorted(terms, key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(re.escape(term) for term in longest_first)})(?!\w)"


def _cased(word: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if like[0].isupper() else word


def _problems(name: str, entry: Any) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"[{name}] must be a group with {', '.join(KEYS)}, got {entry!r}"]
    found = [f"[{name}] unknown key {key!r} ({did_you_mean(key, KEYS)})" for key in entry if key not in KEYS]
    found += [f"[{name}] {key!r} must be a word, got {entry.get(key)!r}" for key in KEYS[:3] if not _is_word(entry.get(key))]
    terms = entry.get("terms", [])
    if not isinstance(terms, list) or not all(_is_word(term) for term in terms):
        found.append(f"[{name}] 'terms' must be a list of words, got {terms!r}")
    return found


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _group(name: str, entry: Mapping[str, Any]) -> Group:
    forms = {form: entry[form].strip().casefold() for form in FORMS}
    terms = dict.fromkeys([*forms.values(), *(term.strip().casefold() for term in entry.get("terms", []))])
    return Group(name=name, axis=entry["axis"].strip(), terms=tuple(terms), **forms)
