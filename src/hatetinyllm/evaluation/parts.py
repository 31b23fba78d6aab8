"""A part of a dataset as columns, ordered by id: what is found of it does not depend on the order its rows came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.evaluation.grams import fold
from hatetinyllm.labels import SCHEMES
from hatetinyllm.types import Example, Splits

FORM = "lower case, one blank between words"  # in which two texts are equal
UNKNOWN, EMPTY = -1, 0

Labels = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class Part:
    """The rows of a part; a label is 1 where the scheme's positive one holds, 0 where another does, -1 where none is known."""

    name: str
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: Labels
    forms: NDArray[np.uint64]  # a digest of each text in the form in which texts are equal; 0 for one with nothing to read
    partners: Mapping[str, tuple[str, ...]]  # by id, where any are recorded
    groups: tuple[str | None, ...]
    rounds: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.ids)


def read_part(splits: Splits, name: str) -> Part:
    """A part of the splits."""
    rows = sorted(splits.part(name), key=lambda example: example.id)
    return Part(
        name=name,
        ids=tuple(example.id for example in rows),
        texts=tuple(example.text for example in rows),
        labels=np.array([_label(example, splits.scheme) for example in rows], dtype=np.int8),
        forms=np.array([_form(example.text) for example in rows], dtype=np.uint64),
        partners={example.id: example.partners for example in rows if example.partners},
        groups=tuple(example.group for example in rows),
        rounds=tuple(example.round for example in rows),
    )


def _label(example: Example, name: str) -> int:
    scheme = SCHEMES[name]
    answers = example.labels.get(name, ())
    return UNKNOWN if scheme.positive is None or len(answers) != 1 else int(answers[0] == scheme.positive)


def _form(text: str) -> int:
    folded = fold(text)
    return int.from_bytes(blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()) if folded else EMPTY
