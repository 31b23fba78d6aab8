"""
Claim: near-duplicates are found by comparing far fewer texts than all with all, and none is missed.

Our search against the plain blocked product of every row with every row, on the same rows, taking turns in one process.
The rows are DynaHate's where HATETINYLLM_DATA is set, else made up. Run: python benchmarks/grouping.py [--rows N] [--turns N]
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.data.dynahate import load
from hatetinyllm.data.kin import OVERALL, ROUNDING, Vectors, near_pairs, weigh

BLOCK = 1000
THRESHOLD = 0.7


def ours(vectors: Vectors) -> NDArray[np.int64]:
    """The pairs as the package finds them."""
    return np.concatenate(list(near_pairs(vectors, THRESHOLD)))


def plain(vectors: Vectors) -> NDArray[np.int64]:
    """The pairs by comparing every row with every row."""
    rows, columns, found = vectors.rows, vectors.rows.T.tocsr(), []
    for start in range(0, rows.shape[0], BLOCK):
        block = (rows[start : start + BLOCK] @ columns).tocoo()
        near = (block.col > block.row + start) & (block.data >= THRESHOLD - ROUNDING)
        pairs = np.stack([block.row[near] + start, block.col[near]], axis=1)
        overall = block.data[near] * vectors.kept[pairs].prod(axis=1)
        found.append(pairs[overall >= OVERALL * THRESHOLD - ROUNDING])
    return np.concatenate(found)


def made_up(count: int) -> list[str]:
    """Texts of words as common as words are, one in four an edit of an earlier one."""
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghilmnoprstuvw", k=draw.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    texts: list[str] = []
    for _ in range(count):
        new = draw.choices(words, weights, k=draw.randint(5, 40))
        if texts and draw.random() < 0.25:
            new = draw.choice(texts).split()
            new[draw.randrange(len(new))] = draw.choice(words)
        texts.append(" ".join(new))
    return texts


def timed(search: Callable[[Vectors], NDArray[np.int64]], vectors: Vectors) -> tuple[float, set[tuple[int, ...]]]:
    """The seconds a search took, and its pairs."""
    start = time.perf_counter()
    pairs = search(vectors)
    return time.perf_counter() - start, {tuple(pair) for pair in pairs.tolist()}


def main() -> None:
    """Run both searches in turn and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=41_144, help="how many rows, at most")
    parser.add_argument("--turns", type=int, default=3, help="how often each search runs")
    asked = parser.parse_args()
    real = bool(os.environ.get("HATETINYLLM_DATA"))
    texts = [example.text for example in load().rows()][: asked.rows] if real else made_up(asked.rows)
    start = time.perf_counter()
    vectors = weigh(texts)
    weighed_s = time.perf_counter() - start
    kind = "DynaHate" if real else "made-up"
    print(f"{len(texts):,} {kind} texts, {vectors.rows.nnz:,} n-grams, weighed in {weighed_s:.1f} s")
    took: dict[str, list[float]] = {"ours": [], "plain": []}
    for turn in range(asked.turns):
        seconds, found = timed(ours, vectors)
        took["ours"].append(seconds)
        seconds, expected = timed(plain, vectors)
        took["plain"].append(seconds)
        assert found == expected, f"{len(found ^ expected)} pairs differ"
        print(f"turn {turn + 1}: ours {took['ours'][-1]:.1f} s, plain {seconds:.1f} s, {len(found):,} pairs, all equal")
    ours_s, plain_s = (statistics.median(times) for times in took.values())
    print(f"median: ours {ours_s:.1f} s, plain {plain_s:.1f} s, {plain_s / ours_s:.1f} times as fast")


if __name__ == "__main__":
    main()
