"""How many steps a recipe has, and how large their batches are: on average, and at most."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hatetinyllm.training.rehearsal import Block


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of all epochs, and a batch as they are on average."""

    number: int
    texts: float
    tokens: float
    parts: int  # a batch is worked in
    part: Block  # one of them
    estimated: bool  # how many there are is known for sure only when every text is read


def foresee_steps(options: Mapping[str, Any], rows: int, mean_tokens: float) -> Steps:
    """By the options of `train`, for so many rows to learn from."""
    number = math.ceil(rows / options["batch_size"])
    texts = float(options["batch_size"])
    if options["batch_tokens"]:
        # A batch is full where the next text does not fit: half a text is left over on average.
        filled = max(mean_tokens, options["batch_tokens"] - mean_tokens / 2)
        number = math.ceil(rows * mean_tokens / filled)
        texts = rows / max(1, number)
    parts = max(1, min(options["parts"], round(texts)))  # no part is less than a text
    return Steps(
        number=number * int(options["epochs"]),
        texts=texts,
        tokens=texts * mean_tokens,
        parts=parts,
        part=Block(texts=math.ceil(round(texts) / parts) or 1, tokens=round(mean_tokens)),
        estimated=bool(options["batch_tokens"]),
    )


def fullest_part(options: Mapping[str, Any], max_tokens: int) -> Block:
    """The most that is learnt from at once: texts as long as they may be, as many as a part of a batch may have."""
    if not options["batch_tokens"]:
        return Block(texts=math.ceil(options["batch_size"] / options["parts"]), tokens=max_tokens)
    share = math.ceil(options["batch_tokens"] / options["parts"])
    texts = math.ceil(share / max_tokens)
    return Block(texts=texts, tokens=max_tokens if texts == 1 else math.ceil(share / texts))  # a long text may stand alone
