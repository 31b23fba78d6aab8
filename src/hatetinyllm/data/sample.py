"""
Fewer rows than a dataset has: of all parts together, for a first look or a test; or of train alone, for a learning curve.

Which rows are drawn is a digest of the seed and their ids, so a sample of 100 lies within the sample of 1,000. Rows are
drawn before the dataset is parted, and left out of train after: then dev and test stay what they are, whatever train's size.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b

from hatetinyllm.types import PARTS, Example, Seed, Splits, Whole


def sample(
    whole: Splits,
    part: Callable[[Splits], Splits],
    *,
    rows: Whole = 0,  # about so many rows of all parts together, each part by its share; 0 for all
    train_rows: Whole = 0,  # of train alone, once the rows are parted; dev and test stay whole; 0 for all
    seed: Seed = 42,  # another seed draws other rows
) -> Splits:
    """The drawn rows as `part` parts them, train cut to its size; a note says what they are a sample of."""
    return trim(part(draw(whole, rows=rows, seed=seed)), train_rows=train_rows, seed=seed)


def draw(
    whole: Splits,
    *,
    rows: Whole = 0,  # about so many rows of all parts together, each part by its share; 0 for all
    seed: Seed = 42,  # another seed draws other rows
) -> Splits:
    """About so many rows of all parts together, each in its part and order."""
    size = len(list(whole.rows()))
    if not rows or rows >= size:
        return whole
    share = rows / size
    train, dev, test = (_drawn(whole.part(part), round(len(whole.part(part)) * share), seed) for part in PARTS)
    note = f"a sample of {len(train) + len(dev) + len(test):,} of {size:,} rows, seed {seed}"
    return replace(whole, train=train, dev=dev, test=test, notes=(note, *whole.notes))


def trim(parted: Splits, *, train_rows: Whole = 0, seed: Seed = 42) -> Splits:
    """The same parts with so many rows of train; dropping rows cannot part kin, so no split is spoilt by it."""
    size = len(parted.train)
    if not train_rows or train_rows >= size:
        return parted
    note = f"train: a sample of {train_rows:,} of {size:,} rows, seed {seed}"
    return replace(parted, train=_drawn(parted.train, train_rows, seed), notes=(note, *parted.notes))


def _drawn(examples: Sequence[Example], count: int, seed: int) -> tuple[Example, ...]:
    lots = [_lot(seed, example.id) for example in examples]
    taken = set(sorted(range(len(lots)), key=lots.__getitem__)[:count])
    return tuple(example for index, example in enumerate(examples) if index in taken)


def _lot(seed: int, id: str) -> bytes:
    """Not the lot that splits are dealt by: a sample would then lie in one part alone."""
    return blake2b(f"sample {seed} {id}".encode(), digest_size=16).digest()
