"""What a net learns from and is judged on: the rows of a recipe, parted and encoded. All seeds of a recipe share it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hatetinyllm.config.recipe import Recipe
from hatetinyllm.data import SPLITS
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.sample import sample
from hatetinyllm.errors import DataError
from hatetinyllm.text.encode import Encoder
from hatetinyllm.training.beside import join
from hatetinyllm.training.heads import choose_heads
from hatetinyllm.training.rows import Rows, encode_rows
from hatetinyllm.types import Head, Splits


@dataclass(frozen=True, kw_only=True)
class Material:
    """The parts of the data as they were read, the questions asked of them, and their tokens."""

    splits: Splits
    heads: tuple[Head, ...]
    train: Rows
    dev: Rows
    test: Rows

    def rows(self, part: str) -> Rows:
        """The tokens of one part by its name."""
        return {"train": self.train, "dev": self.dev, "test": self.test}[part]


def read_splits(recipe: Recipe) -> Splits:
    """The recipe's data, parted as it says, and the rows of other sets beside it, where it is a recipe that learns."""
    data, split = recipe["data"], recipe["split"]
    part = partial(SPLITS.get(split.name), **split.options)
    own = sample(load_dataset(data.name, **data.options), part, **recipe["sample"].options)
    return join(own, **recipe["beside"].options) if "beside" in recipe.sections else own


def ask(splits: Splits, recipe: Recipe) -> tuple[Head, ...]:
    """The questions that a net learns to answer; there must be rows of both labels of the headline in train and in dev."""
    heads = choose_heads(splits, **recipe["heads"].options)
    _require_parts(splits, heads[0])
    return heads


def encode(splits: Splits, heads: tuple[Head, ...], encoder: Encoder, *, folder: Path, test: bool = True) -> Material:
    """The tokens of all parts, put aside in a file without a name in this folder; of test only where it will be judged."""
    parts = (splits.train, splits.dev, splits.test if test else ())
    train, dev, tested = (encode_rows(part, heads, encoder, folder=folder) for part in parts)
    _require_readable(splits, heads[0], train=train, dev=dev)
    return Material(splits=splits, heads=heads, train=train, dev=dev, test=tested)


def _require_parts(splits: Splits, headline: Head) -> None:
    """There must be rows of both labels to learn from; a dev part is needed to choose by."""
    problems = []
    for part in ("train", "dev"):
        found = {label for example in splits.part(part) for label in example.labels.get(headline.name, ())}
        if missing := [label for label in headline.labels if label not in found]:
            problems.append(f"{part}: {len(splits.part(part)):,} rows, none of them {' or '.join(missing)}")
    if problems:
        hint = _why_missing(splits, headline)
        raise DataError(f"{splits.name}, split {splits.how}: not enough to train on", [*problems, hint])


def _require_readable(splits: Splits, headline: Head, **parts: Rows) -> None:
    """There must be something left to read once empty and too long texts are left out."""
    for part, rows in parts.items():
        if not any(example.labels.get(headline.name) for example in rows.examples):
            hint = f"{rows.left_out:,} rows were left out: is text.max_characters too low?"
            raise DataError(f"{splits.name}: no row of {part} can be read", [hint])


def _why_missing(splits: Splits, headline: Head) -> str:
    found = {label for example in splits.rows() for label in example.labels.get(headline.name, ())}
    absent = [label for label in headline.labels if label not in found]
    if not absent:
        return "there are rows of both labels: another [split], or another share of it, may help"
    return f"no row at all is {' or '.join(absent)}: are the words of data.{absent[0]} right?"
