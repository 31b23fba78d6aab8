"""
The words of the contrast corpus, from contrast_words.toml, which keeps what hurts by itself in rot13.

Who is named in a sentence is a `Named`: the word in the forms a frame may ask for, and the labels of the target scheme.
"""

import codecs
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parent / "contrast_words.toml"


@dataclass(frozen=True, kw_only=True)
class Named:
    """People as a sentence names them; without targets, no protected characteristic makes them a group."""

    many: str
    one: str
    adjective: str
    targets: tuple[str, ...] = ()

    def forms(self, role: str) -> dict[str, str]:
        """The slots that these people fill in the role of `P`, `U` or `X`."""
        return {role: self.many, f"{role}_s": self.one, f"{role}_a": f"a {self.one}", f"{role}_adj": self.adjective}


@dataclass(frozen=True, kw_only=True)
class Words:
    """Everything a frame can be filled with: who is named, and the slots with their entries."""

    groups: tuple[Named, ...]
    others: tuple[Named, ...]
    slurs: tuple[Named, ...]
    slots: Mapping[str, tuple[str, ...]]
    style: Mapping[str, tuple[str, ...]]


def read_words(path: Path = PLACE) -> Words:
    """The words as the file has them, what is coded in clear."""
    given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    coded = {slot: [decoded(word) for word in words] for slot, words in given["coded"].items()}
    slurs = {target: [decoded(entry) for entry in entries] for target, entries in given["slurs"].items()}
    return Words(
        groups=_named(given["groups"]),
        others=_named({"": given["others"]["many"]}),
        slurs=_named(slurs),
        slots={slot: tuple(words) for slot, words in {**given["words"], **coded}.items()},
        style={where: tuple(words) for where, words in given["style"].items()},
    )


def decoded(word: str) -> str:
    """A word of the files in clear."""
    return codecs.decode(word, "rot13")


def _named(entries: Mapping[str, Sequence[str]]) -> tuple[Named, ...]:
    """An entry is written "many, one, adjective"; without the last, the one stands for it too."""
    found = []
    for target, words in entries.items():
        for entry in words:
            many, one, *adjective = entry.split(", ")
            targets = tuple(sorted(target.split("+"))) if target else ()
            found.append(Named(many=many, one=one, adjective=adjective[0] if adjective else one, targets=targets))
    return tuple(found)
