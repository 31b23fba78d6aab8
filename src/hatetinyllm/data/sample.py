"""
A smaller dataset drawn from a larger one, before it is parted: for a first look, a learning curve, or a test.

Which rows are drawn is a digest of the seed and their ids, so a sample of 100 lies within the sample of 1,000.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from hatetinyllm.types import PARTS, Example, Seed, Splits, Whole


def draw(
    whole: Splits,
    *,
    rows: Whole = 0,  # about so many rows of all parts together, each part by its share; 0 for all
    seed: Seed = 42,  # another seed draws other rows
) -> Splits:
    """The drawn rows in their parts and order; a note says that they are a sample."""
    size = len(list(whole.rows()))
    if not rows or rows >= size:
        return whole
    train, dev, test = (_drawn(whole.part(part), rows / size, seed) for part in PARTS)
    note = f"a sample of {len(train) + len(dev) + len(test):,} of {size:,} rows, seed {seed}"
    return replace(whole, train=train, dev=dev, test=test, notes=(note, *whole.notes))


def _drawn(examples: Sequence[Example], share: float, seed: int) -> tuple[Example, ...]:
    lots = [_lot(seed, example.id) for example in examples]
    taken = set(sorted(range(len(lots)), key=lots.__getitem__)[: round(len(examples) * share)])
    return tuple(example for index, example in enumerate(examples) if index in taken)


def _lot(seed: int, id: str) -> bytes:
    """Not the lot that splits are dealt by: a sample would then lie in one part alone."""
    return blake2b(f"sample {seed} {id}".encode(), digest_size=16).digest()
