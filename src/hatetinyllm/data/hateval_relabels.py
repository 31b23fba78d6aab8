"""
HatEval's English test labelled again, by the policy its train part follows (Wang and Banko, 2021): ids and labels, no text.

licence: MIT, with its notice in hateval_relabels_licence.txt    rows: 3,000, of them 1,901 hate
source:  https://github.com/sentropytechnologies/hateval2019-relabeled

The published file has a column for the organisers' own label, and it repeats the new one. So what was changed is told only
by the official test itself, joined by id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hatetinyllm.data.rows import read_csv
from hatetinyllm.errors import DataError
from hatetinyllm.labels import translate
from hatetinyllm.types import Example

TABLE = Path(__file__).parent / "hateval_relabels.csv"
NAMED = 5  # ids in an error


@dataclass(frozen=True, kw_only=True)
class Relabelled:
    """The official test's rows with the other labels, how many changed to each label, and labels whose row is not there."""

    examples: tuple[Example, ...]
    changed: dict[str, int]
    unused: int

    @property
    def note(self) -> str:
        """What a reader of a figure on these rows must know."""
        told = ", ".join(f"{rows:,} to {label}" for label, rows in self.changed.items()) or "none"
        said = f"test: labels of Wang and Banko (2021); of {len(self.examples):,} rows they changed {told}"
        return said + (f"; {self.unused:,} of their rows are not in this test" if self.unused else "")


def labels_by_id(path: Path = TABLE) -> dict[str, dict[str, tuple[str, ...]]]:
    """The labels of each id, as the loader gives them; the addressee only where there is hate."""
    return {row["id"]: labels_of(row["HS"], row["TR"]) for row in read_csv(path)}


def labels_of(hate: str, individual: str) -> dict[str, tuple[str, ...]]:
    """HatEval's two answers in our words: TR is 0 in every row that is not hate, and means nothing there."""
    labels = {"hate": translate("hateval", "hate", hate)}
    return {**labels, "addressee": translate("hateval", "addressee", individual)} if hate == "1" else labels


def relabelled(test: Sequence[Example], path: Path = TABLE) -> Relabelled:
    """The rows of the official test with these labels; a row without one is an error, for it would keep the other policy."""
    labels = labels_by_id(path)
    if unknown := [example.id for example in test if example.id not in labels]:
        named = ", ".join(unknown[:NAMED]) + (", ..." if len(unknown) > NAMED else "")
        raise DataError(
            f"hateval: {len(unknown):,} of {len(test):,} test rows have no other label",
            [f"these ids are not among the {len(labels):,} that were labelled again: {named}"],
        )
    examples = tuple(replace(example, labels=labels[example.id]) for example in test)
    changed: dict[str, int] = {}
    for before, after in zip(test, examples, strict=True):
        if before.label != after.label and after.label:
            changed[after.label] = changed.get(after.label, 0) + 1
    return Relabelled(examples=examples, changed=dict(sorted(changed.items())), unused=len(labels) - len(test))
