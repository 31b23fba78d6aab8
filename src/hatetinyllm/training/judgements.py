"""How many judgements of the dev part a recipe allows: so many versions of the weights that part has chosen among."""

import math
from collections.abc import Mapping
from typing import Any

from hatetinyllm.training.follow import check


def most_judgements(recipe: Mapping[str, Any], train_rows: int) -> int:
    """The most there can have been; a training that stopped early, or that could not read every row, had fewer."""
    asked = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": {"name": "scratch"}, "tuning": {"name": "head"}}
    options = check({**asked, "train": recipe.get("train", {})})["train"].options
    steps: int = math.ceil(max(1, train_rows) / options["batch_size"]) * options["epochs"]
    every: int = options["judge_every"] or steps // options["epochs"]
    return -(-steps // every)
