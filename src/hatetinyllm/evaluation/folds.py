"""
What TF-IDF says of rows it did not learn from: each fold is scored by one that learnt from the others.

Kin are never parted between folds, or a row's own label could be read off its twin.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.baseline import fit_tfidf
from hatetinyllm.types import Example, Head

Begun = Callable[[int], None]


def deal_folds(groups: Sequence[int], folds: int, *, seed: int = 42) -> NDArray[np.int64]:
    """The fold of each row: whole groups, the largest first, each to the fold that has the fewest rows."""
    members: dict[int, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    if not 2 <= folds <= len(members):
        told = f"{len(groups):,} rows in {len(members):,} groups of kin, which are never parted"
        raise DataError(f"the rows cannot be dealt to {folds} folds", [told])
    lot = np.random.default_rng(seed).permutation(len(members)).tolist()
    fold_of, sizes = np.zeros(len(groups), dtype=np.int64), [0] * folds
    for _, rows in sorted(zip(lot, members.values(), strict=True), key=lambda drawn: (-len(drawn[1]), drawn[0])):
        fold = sizes.index(min(sizes))
        fold_of[rows] = fold
        sizes[fold] += len(rows)
    return fold_of


def out_of_fold(
    examples: Sequence[Example],
    head: Head,
    fold_of: NDArray[np.int64],
    *,
    seed: int = 42,
    begun: Begun = lambda fold: None,
) -> NDArray[np.float64]:
    """The score of every row by TF-IDF fitted on the labelled rows of all other folds; `begun` is told of each fold."""
    scores = np.zeros(len(examples))
    for fold in np.unique(fold_of).tolist():
        begun(fold)
        own = fold_of == fold
        fitted = fit_tfidf([example for example, scored in zip(examples, own, strict=True) if not scored], head, seed=seed)
        scores[own] = fitted([example.text for example, scored in zip(examples, own, strict=True) if scored])
    return scores
