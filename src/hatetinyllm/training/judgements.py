"""How many judgements of the dev part a recipe allows: so many versions of the weights that part has chosen among."""

import math
from collections.abc import Mapping
from typing import Any

from hatetinyllm.training.batches import POOL_BATCHES
from hatetinyllm.training.follow import check


def most_judgements(recipe: Mapping[str, Any], train_rows: int) -> int:
    """The most there can have been; a training that stopped early, or that could not read every row, had fewer."""
    asked = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "scratch"}, "tuning": {"name": "head"}}
    given = {name: recipe[name] for name in ("text", "train") if name in recipe}
    checked = check({**asked, **given}, to_read=False)
    options = checked["train"].options
    if not options["judge_every"]:
        return int(options["epochs"])
    rows = max(1, train_rows)
    steps = math.ceil(rows / options["batch_size"])
    if options["batch_tokens"]:
        steps = most_batches(rows, longest=checked["text"].options["max_tokens"], batch_tokens=options["batch_tokens"])
    judgements: int = math.ceil(steps * options["epochs"] / options["judge_every"])
    return judgements


def most_batches(rows: int, *, longest: int, batch_tokens: int) -> int:
    """
    The most batches that rows of so many tokens at most can make up.

    Two neighbours of one pool have more tokens together than one batch may have, or they would be one; and none is empty.
    """
    tokens = rows * longest
    return min(rows, 2 * tokens // batch_tokens + 1 + tokens // (batch_tokens * POOL_BATCHES))
