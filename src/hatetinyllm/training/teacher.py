"""
A teacher: scores from a file that a net learns from beside its own labels, as `hatetinyllm teach` makes it.

The file names rows by their ids, those of sets beside the data as `set/id`. A row that it does not name keeps its label alone. Of
dev and test nothing is taught, whatever the file says of their rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from hatetinyllm.data.checks import digest_part
from hatetinyllm.data.score_file import read_scores, require_scores, some
from hatetinyllm.errors import DataError, RecipeError
from hatetinyllm.folder import digest_of
from hatetinyllm.training.goals import Taught
from hatetinyllm.types import Example, Head, Share, Splits


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What a teacher says of the rows to learn from, and what is kept of it."""

    taught: Taught
    name: str  # of its file
    digest: str  # of the file's bytes
    note: str

    def noted(self, splits: Splits) -> Splits:
        """The rows with the teacher named among what they come from."""
        files = {**splits.files, f"teacher: {self.name}": self.digest}
        return replace(splits, files=files, notes=(*splits.notes, self.note))


def consult(
    splits: Splits,
    learnt: Sequence[Example],
    headline: Head,
    *,
    file: str = "",  # of scores of the headline by row, as `teach` writes it; empty for no teacher
    digest: str = "",  # of the train rows it was made for, as `teach` says it; others are refused
    weight: Share = 0.5,  # of the teacher's probabilities, against the row's own label
) -> Lesson | None:
    """What the teacher says of the rows that are learnt, which are those of train that can be read."""
    if not file:
        return None
    path = Path(file).expanduser()
    scores = read_scores(path)
    if problems := [*_strange(scores, splits), *_other_rows(scores, splits, digest)]:
        raise DataError(f"{file} does not teach these rows of {splits.name}", problems)
    said = torch.tensor([scores.get(example.id, torch.nan) for example in learnt], dtype=torch.float32)
    note = _note(path, scores, splits, learnt, headline, weight)
    return Lesson(taught=Taught(scores=said, weight=weight), name=path.name, digest=digest_of(path), note=note)


def require_teacher(options: Mapping[str, Any]) -> None:
    """Tell of a teacher that is not here before any data is read."""
    if options["file"]:
        require_scores(Path(options["file"]).expanduser())
    elif options["digest"]:
        raise RecipeError("teacher.digest is given without teacher.file", ["name the file that `teach` wrote"])


def _strange(scores: Mapping[str, float], splits: Splits) -> Iterator[str]:
    known = {example.id for example in splits.rows()}
    if unknown := [name for name in scores if name not in known]:
        yield f"{len(unknown):,} of {len(scores):,} ids of the file are no row's: {some(unknown)}"


def _other_rows(scores: Mapping[str, float], splits: Splits, digest: str) -> Iterator[str]:
    if digest and digest != digest_part(splits, "train"):
        yield "the rows to train on are not those it was made for: a text, a label, an id or the parting has changed"
    if not any(example.id in scores for example in splits.train):
        yield f"it names none of the {len(splits.train):,} rows to train on"


def _note(
    path: Path, scores: Mapping[str, float], splits: Splits, learnt: Sequence[Example], headline: Head, weight: float
) -> str:
    named = [example for example in learnt if example.id in scores]
    silent = sum(not example.labels.get(headline.name) for example in named)
    judging = sum(example.id in scores for part in ("dev", "test") for example in splits.part(part))
    told = f"teacher {path.name}: {len(named):,} of {len(learnt):,} rows to learn from are taught, by a share of {weight:g}"
    told += f"; {silent:,} of them have no {headline.name} label of their own" if silent else ""
    return told + (f"; {judging:,} ids of rows that judge are ignored" if judging else "")
