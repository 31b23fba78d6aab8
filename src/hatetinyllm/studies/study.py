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
IN_WORDS: Mapping[SplitName, str] = {"paper": "random 80/20", "leakfree": "leak-free"}


@dataclass(frozen=True, kw_only=True)
class Task:
    """One run of one cell: its split, its seed, its recipe and its folder."""

    cell: Cell
    split: SplitName
    seed: int
    recipe: str
    folder: Path
    notes: tuple[str, ...] = ()  # what a reader of its figures must know before it is run: other data, changed settings

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
        whole = _with_what_it_was(out, identity)
        write_text_whole(out / STUDY, to_json(whole, indent=2) + "\n")
        yield


def require_study(out: Path, *, identity: Mapping[str, Any]) -> None:
    """Refuse what `open_study` would refuse, and write nothing."""
    _refuse_foreign(out)
    _with_what_it_was(out, identity)


def _refuse_foreign(out: Path) -> None:
    """Nothing of a person's is mixed with a study; dot files, as the lock of one killed at its beginning, are nobody's work."""
    if out.exists() and not out.is_dir():
        raise TrainingError(f"{str(out)!r} is a file", ["choose a folder by --out"])
    held = sorted(path.name for path in out.iterdir() if not path.name.startswith(".")) if out.is_dir() else []
    if held and STUDY not in held:
        raise TrainingError(f"{str(out)!r} holds files that are no study's", [*held[:8], "choose another folder by --out"])


def _with_what_it_was(out: Path, identity: Mapping[str, Any]) -> dict[str, Any]:
    """
    What the study was and what is asked of it now, together; figures of two kinds are never mixed in one folder.

    A value that is a mapping may grow, as more is asked for; what stands in it already must stay as it is.
    """
    asked = {"format": FORMAT, **identity}
    path = out / STUDY
    if not path.is_file():
        return asked
    before, now = _flat(_json(path)), _flat(asked)
    both = [key for key in now if key in before or len(key) == 1]
    problems = [f"{'.'.join(key)} was {before.get(key)!r}, is now {now[key]!r}" for key in both if before.get(key) != now[key]]
    problems += [f"{'.'.join(key)} was {value!r}, is now nothing" for key, value in before.items() if key[0] not in asked]
    if problems:
        raise TrainingError(
            f"{str(out)!r} holds another study", [*problems, "choose another folder by --out, or ask for what it was"]
        )
    whole: dict[str, Any] = {}
    for (name, *inner), value in (before | now).items():
        if inner:
            whole.setdefault(name, {})[inner[0]] = value
        else:
            whole[name] = value
    return {name: whole.get(name, {}) for name in asked}


def _flat(content: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """Every value by its place, those of a mapping one by one."""
    flat: dict[tuple[str, ...], Any] = {}
    for name, value in content.items():
        flat |= {(name, inner): one for inner, one in value.items()} if isinstance(value, Mapping) else {(name,): value}
    return flat


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrainingError(f"{path} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise TrainingError(f"{path} must hold an object, it holds {type(content).__name__}")
    return content
