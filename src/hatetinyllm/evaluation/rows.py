"""
What is kept of judged rows: who they are, what they are and what they got. Never a text.

A facet is a question by which rows can be told apart (round, type, target, length, ...); a row may have several words for
it, or none where the source does not say.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.metrics.classification import Scores, Truth
from hatetinyllm.types import Example, Head

Words = tuple[str, ...]
Marks = NDArray[np.bool_]

LENGTHS = (0, 5, 10, 20, 40, 80)  # words
PERTURBED = {True: ("perturbed",), False: ("original",), None: ()}


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Judged rows, column by column. `clusters` numbers groups of kin; `partners` are ids, here or not."""

    ids: tuple[str, ...]
    truth: Truth
    scores: Scores
    clusters: NDArray[np.int64]
    facets: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    partners: tuple[Words, ...] = ()

    def __post_init__(self) -> None:
        lengths = {len(self.truth), len(self.scores), len(self.clusters), len(self.partners or self.ids)}
        lengths |= {len(words) for words in self.facets.values()}
        if lengths != {len(self.ids)}:
            raise ValueError(f"the columns are not of one length: {sorted(lengths | {len(self.ids)})}")

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, marks: Marks) -> "Rows":
        """The marked rows."""
        kept = np.flatnonzero(marks).tolist()
        return Rows(
            ids=tuple(self.ids[row] for row in kept),
            truth=self.truth[marks],
            scores=self.scores[marks],
            clusters=self.clusters[marks],
            facets={name: tuple(words[row] for row in kept) for name, words in self.facets.items()},
            partners=tuple(self.partners[row] for row in kept) if self.partners else (),
        )

    def scored(self, scores: Scores) -> "Rows":
        """The same rows with other scores."""
        return replace(self, scores=scores)

    def marks(self, facet: str) -> Iterator[tuple[str, Marks]]:
        """Each word of a facet and the rows that have it, in the order of words; ranges of length by their size."""
        words = self.facets.get(facet, ())
        for word in sorted({word for row in words for word in row}, key=_order):
            yield word, np.array([word in row for row in words], dtype=np.bool_)

    def pairs(self) -> NDArray[np.int64]:
        """(pairs, 2): every two rows of which either records the other as a partner, each pair once, the earlier row first."""
        places = {id: row for row, id in enumerate(self.ids)}
        links = {
            (min(row, other), max(row, other))
            for row, partners in enumerate(self.partners)
            for name in partners
            if (other := places.get(name, row)) != row
        }
        return np.array(sorted(links), dtype=np.int64).reshape(-1, 2)


FACETS: Mapping[str, Callable[[Example], Words]] = {
    "round": lambda example: (example.round,) if example.round else (),
    "perturbed": lambda example: PERTURBED[example.perturbed],
    "type": lambda example: example.labels.get("type", ()),
    "target": lambda example: example.labels.get("target", ()),
    "mentions": lambda example: example.mentions,
    "function": lambda example: (example.slice,) if example.slice else (),
    "language": lambda example: (example.language,),
    "length": lambda example: (length_of(example.text),),
}


def rows_of(examples: Sequence[Example], head: Head, scores: Scores, clusters: Sequence[int]) -> Rows:
    """The rows that have a label of the head and a score; what all of them have alike is no facet."""
    read = ~np.isnan(scores)
    kept = [row for row, example in enumerate(examples) if example.labels.get(head.name) and read[row]]
    chosen = [examples[row] for row in kept]
    found = {name: tuple(words_of(example) for example in chosen) for name, words_of in FACETS.items()}
    return Rows(
        ids=tuple(example.id for example in chosen),
        truth=np.array([head.positive in example.labels[head.name] for example in chosen], dtype=np.int64),
        scores=np.asarray(scores, dtype=np.float64)[kept],
        clusters=np.asarray(clusters, dtype=np.int64)[kept],
        facets={name: words for name, words in found.items() if len(set(words)) > 1},
        partners=tuple(example.partners for example in chosen),
    )


def length_of(text: str) -> str:
    """The range of words a text falls into."""
    count = len(text.split())
    low = max(edge for edge in LENGTHS if edge <= count)
    place = LENGTHS.index(low)
    return f"{low}–{LENGTHS[place + 1] - 1} words" if place + 1 < len(LENGTHS) else f"{low} words or more"


def _order(word: str) -> tuple[int, str]:
    """Words that begin with a number go by its size."""
    digits = word[: len(word) - len(word.lstrip("0123456789"))]
    return (int(digits), word) if digits else (10**9, word)
