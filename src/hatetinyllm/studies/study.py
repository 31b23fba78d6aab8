"""
A study's folder, and the lock that keeps a second process out of it.

    study.json                        what it is: a study made by `reproduce`, on real nets or on tiny ones
    cells/CELL/SPLIT/seed-N/          one run of one cell
        recipe.toml                   what it follows
        run/                          the run's own folder, as `train` and `zero-shot` write it
        log.txt                       what the process said; no texts
        state.json                    begun, failed or done, its error and its time
        cell.json                     the result, written last
    cross/                            bundles judged on other data
    tables.md  tables.html  cells.json
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import remove_leftovers, write_text_whole
from hatetinyllm.plain import to_json
from hatetinyllm.studies.cells import Cell, SplitName
from hatetinyllm.training.run import locked

FORMAT = 1
STUDY = "study.json"
IN_WORDS: Mapping[SplitName, str] = {"paper": "as in the paper", "leakfree": "leak-free"}


@dataclass(frozen=True, kw_only=True)
class Task:
    """One run of one cell: its split, its seed, its recipe and its folder."""

    cell: Cell
    split: SplitName
    seed: int
    recipe: str
    folder: Path

    @property
    def said(self) -> str:
        """The task in words."""
        return f"{self.cell.name}, {IN_WORDS[self.split]}, seed {self.seed}"

    @property
    def run(self) -> Path:
        """The folder the process writes."""
        return self.folder / "run"

    @property
    def results(self) -> Path:
        """What the process measured; written last."""
        return self.run / "results.json"

    @property
    def log(self) -> Path:
        """What the process said."""
        return self.folder / "log.txt"

    @property
    def result(self) -> Path:
        """What came of it, once it is done."""
        return self.folder / "cell.json"


def folder_of(out: Path, cell: Cell, split: str, seed: int) -> Path:
    """Where one run of a cell lives."""
    return out / "cells" / cell.name / split / f"seed-{seed}"


@contextmanager
def open_study(out: Path, *, identity: Mapping[str, Any]) -> Iterator[None]:
    """Hold a study's folder for writing; one that is something else, or another study, is refused."""
    _refuse_foreign(out)
    with locked(out):
        remove_leftovers(out)
        _refuse_another_study(out, identity)
        write_text_whole(out / STUDY, to_json({"format": FORMAT, **identity}, indent=2) + "\n")
        yield


def _refuse_foreign(out: Path) -> None:
    """Nothing of a person's is mixed with a study."""
    if out.exists() and not out.is_dir():
        raise TrainingError(f"{str(out)!r} is a file", ["choose a folder by --out"])
    held = sorted(path.name for path in out.glob("*")) if out.is_dir() else []
    if held and STUDY not in held:
        raise TrainingError(f"{str(out)!r} holds files that are no study's", [*held[:8], "choose another folder by --out"])


def _refuse_another_study(out: Path, identity: Mapping[str, Any]) -> None:
    """A folder holds figures of one kind: tiny random nets are never mixed with real ones."""
    path = out / STUDY
    if not path.is_file():
        return
    found = _json(path)
    asked = {"format": FORMAT, **identity}
    if problems := [
        f"{key} was {found.get(key)!r}, is now {asked.get(key)!r}"
        for key in sorted({*found, *asked})
        if found.get(key) != asked.get(key)
    ]:
        raise TrainingError(
            f"{str(out)!r} holds another study", [*problems, "choose another folder by --out, or ask for what it was"]
        )


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrainingError(f"{path} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise TrainingError(f"{path} must hold an object, it holds {type(content).__name__}")
    return content
