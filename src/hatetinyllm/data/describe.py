"""What the rows that are here look like: counts, lengths, and a few examples chosen by their ids alone."""

import hashlib
from collections import Counter
from itertools import pairwise
from typing import Any

from hatetinyllm.data.checks import count_labels
from hatetinyllm.types import PARTS, Splits

EDGES = (0, 5, 10, 20, 40, 80, 160)  # words
EXAMPLES_A_LABEL = 2


def describe(splits: Splits) -> dict[str, Any]:
    """Counts by part and label, a histogram of lengths, notes, and a few examples of each label."""
    return {
        "counts": count_labels(splits),
        "lengths": _lengths(splits),
        "examples": _examples(splits),
        "rejected": len(splits.rejected),
        "notes": list(splits.notes),
    }


def _lengths(splits: Splits) -> list[dict[str, Any]]:
    counted = Counter(max(edge for edge in EDGES if edge <= len(example.text.split())) for example in splits.rows())
    ends = [f"{low}–{high - 1}" for low, high in pairwise(EDGES)]
    names = dict(zip(EDGES, [*ends, f"{EDGES[-1]}+"], strict=True))
    return [{"words": names[edge], "rows": counted[edge]} for edge in EDGES if counted[edge]]


def _examples(splits: Splits) -> list[dict[str, Any]]:
    """The same few rows each time, and no pick of ours: those whose ids have the smallest digests."""
    rows = [(part, example) for part in PARTS for example in splits.part(part)]
    rows.sort(key=lambda row: hashlib.sha256(row[1].id.encode()).digest())
    shown: Counter[str] = Counter()
    chosen = []
    for part, example in rows:
        label = ", ".join(example.labels.get(splits.scheme, ())) or "–"
        if shown[label] < EXAMPLES_A_LABEL:
            shown[label] += 1
            chosen.append({"part": part, "label": label, "text": example.text})
    return sorted(chosen, key=lambda example: str(example["label"]))
