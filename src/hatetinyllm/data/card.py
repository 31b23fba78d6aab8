"""What a dataset says of itself: source, version, licence, rows and labels, traps. Data only; nothing is read here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, kw_only=True)
class File:
    """A file at its source, pinned by its bytes. Without a url, `how` tells a person where to get it."""

    path: str  # its name in the cache and in a mirror: "hateval/hateval2019_en_train.csv"
    url: str | None = None
    sha256: str | None = None
    how: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """
    A dataset's own words. `counts` are rows by part and label, as the source states them or as we counted.

    A part that is left out of `counts` may exist and is not checked. Where a dataset is loaded one language at a time,
    a part is named with its language, "es train", and `only` gives the card of that language.
    """

    name: str
    title: str
    version: str
    licence: str  # an id of data/licence.py
    languages: tuple[str, ...]
    source: str
    citation: str
    files: tuple[File, ...]
    counts: Mapping[str, Mapping[str, int]]  # part -> label of the scheme -> rows
    scheme: str = "hate"
    verified: bool = True  # the counts were checked against the file; False is shown as "unverified"
    heads: tuple[str, ...] = ("hate",)  # every scheme the rows answer
    traps: tuple[str, ...] = field(default=())  # what a user would stumble on

    @property
    def rows(self) -> int:
        """All rows of all parts."""
        return sum(sum(labels.values()) for labels in self.counts.values())

    def only(self, language: str) -> "Card":
        """The card of one language of several."""
        mark = f"{language} "
        counts = {part.removeprefix(mark): labels for part, labels in self.counts.items() if part.startswith(mark)}
        return replace(self, languages=(language,), counts=counts)
