"""
Which people a text names, by a list of neutral terms that anybody can change; and the same text naming others.

A term counts as a mention wherever it stands as a whole word: "disabled" is one in "the alarm was disabled" too. So groups
by terms are a sieve, not an annotation, and are told apart from groups that annotators named. A swap exchanges the
singular or plural of a group for that of others on its axis, and only in texts that name this group alone.
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
LEAST_ON_AN_AXIS = 2


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
    axes = {group.axis: [other for other in groups if other.axis == group.axis] for group in groups}
    able = [
        (row, group)
        for group in groups
        if len(axes[group.axis]) >= LEAST_ON_AN_AXIS
        for row in np.flatnonzero(mentions[group.name] & (named == 1)).tolist()
        if _pattern((group.singular, group.plural)).search(texts[row].casefold())
    ]
    if len(able) > most:
        able = [able[place] for place in sorted(np.random.default_rng(seed).choice(len(able), most, replace=False))]
    return tuple(
        Swap(row=row, group=group.name, other=other.name, text=exchanged(texts[row], group, other))
        for row, group in able
        for other in axes[group.axis]
        if other.name != group.name
    )


def exchanged(text: str, group: Group, other: Group) -> str:
    """The text with one group's forms in place of another's, capitals kept."""
    forms = {getattr(group, form): getattr(other, form) for form in FORMS}
    return _pattern(tuple(forms), re.IGNORECASE).sub(lambda found: _cased(forms[found.group().casefold()], found.group()), text)


def _pattern(terms: Sequence[str], flags: int = 0) -> re.Pattern[str]:
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(term) for term in longest_first)})(?!\w)", flags)


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
    return Group(name=name, axis=entry["axis"], terms=tuple(terms), **forms)
