"""
What a model will be judged on, and which rows of other data are kin of it: those are dropped before anything is learnt.

Sets are named as `dynahate`, `dynahate:official-leakfree` or `hateval:all`: by itself a set means its source's own parts, a
split parts it anew with that split's defaults, and `all` means every row, as where a model is judged across folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.config.signature import REQUIRED, read_options
from hatetinyllm.data import DATASETS, SPLITS
from hatetinyllm.data.corpus.runs import LONGEST, Runs, learn_runs, shares_run, words_of
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.kin import alike_to
from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.types import Example, Splits

ALL = "all"
TEXTS_AT_ONCE = 10_000  # compared by their characters: more would fill the memory


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The texts that must not be met, and the rows they belong to, by dataset."""

    texts: tuple[str, ...] = ()
    rows: dict[str, list[Example]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @cached_property
    def long_runs(self) -> Runs:
        """The runs of those texts that are longer than any run."""
        return learn_runs([text for text in self.texts if len(words_of(text)) >= LONGEST])

    @cached_property
    def runs(self) -> Runs:
        """The runs of words of the texts."""
        return learn_runs(self.texts)


def wrong_sets(words: Sequence[str], *, judged: bool) -> list[str]:
    """What is wrong with names of sets, before any is loaded."""
    problems = [f"{word!r} stands {words.count(word)} times" for word in dict.fromkeys(words) if words.count(word) > 1]
    for word in words:
        name, colon, split = word.partition(":")
        splits = [name for name in SPLITS if all(option.default is not REQUIRED for option in read_options(SPLITS.place(name)))]
        if name not in DATASETS:
            problems.append(f"there is no dataset {name!r} ({did_you_mean(name, DATASETS)})")
        if (colon or split) and split not in splits and not (judged and split == ALL):
            problems.append(
                f"{word!r}: there is no split {split!r} ({did_you_mean(split, [*splits, *([ALL] if judged else [])])})"
            )
    return problems


def load_set(word: str) -> Splits:
    """A dataset as its source parts it, or as the named split does."""
    name, _, split = word.partition(":")
    splits = load_dataset(name)
    if split in ("", ALL):
        return splits
    parted: Splits = SPLITS.get(split)(splits)
    return parted


def load_judged(words: Sequence[str]) -> Judged:
    """The dev and test texts of the named sets, or all of them."""
    rows: dict[str, list[Example]] = {}
    notes = []
    for word in words:
        splits = load_set(word)
        found = list(splits.rows()) if word.endswith(f":{ALL}") else [*splits.dev, *splits.test]
        if not found:
            hint = f"name the split it is judged by, as in {word.partition(':')[0]}:grouped, or :{ALL} for every row"
            raise DataError(f"{word} has no dev and no test part to keep away from", [hint])
        rows.setdefault(splits.name, []).extend(found)
        notes.append(f"judged on {word}: {len(found):,} texts")
    texts = dict.fromkeys(example.text for examples in rows.values() for example in examples)
    return Judged(texts=tuple(texts), rows=rows, notes=tuple(notes))


def recorded_kin(name: str, examples: Sequence[Example], judged: Judged) -> NDArray[np.bool_]:
    """Which rows of a dataset are judged rows of the same dataset, their recorded partners, or of their recorded groups."""
    held = judged.rows.get(name, [])
    ids = {example.id for example in held} | {partner for example in held for partner in example.partners}
    groups = {example.group for example in held} - {None}
    found = [bool(example.id in ids or not ids.isdisjoint(example.partners) or example.group in groups) for example in examples]
    return np.array(found, dtype=np.bool_)


def near_kin(texts: Sequence[str], judged: Judged, *, threshold: float) -> NDArray[np.bool_]:
    """Which texts share a run of words with a judged one, or are alike to one in their characters."""
    met = shares_run(texts, judged.runs)
    rest = np.flatnonzero(~met)
    for start in range(0, len(rest), TEXTS_AT_ONCE):
        block = rest[start : start + TEXTS_AT_ONCE]
        met[block] = alike_to([texts[row] for row in block], judged.texts, threshold=threshold)
    return met
