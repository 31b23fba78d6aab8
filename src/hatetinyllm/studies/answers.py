"""
The folder of a zero-shot run: every answer is written as soon as it is known, and never asked for twice.

    recipe.toml      the resolved recipe, every default written out
    answers.jsonl    a line an answer: prompt, order, id of the text, window, log-odds; no texts
    steps.jsonl      a line a batch
    about.json       what was asked, word by word, and what a reader of the figures must know
    results.json     how it fared, the headline first

Answers are appended a batch at a time. A kill can cut the last lines short; a batch of which any line is missing is
asked again whole, so that a run that was killed ends with the very numbers of one that was not.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import remove_leftovers, write_text_whole
from hatetinyllm.plain import to_json
from hatetinyllm.training.run import Run, keep_recipe, locked

Value = float | str | None  # log-odds, or the label that was said, None where none was


class Key(NamedTuple):
    """Which answer: of what prompt and order, to which window of which text."""

    prompt: str
    order: str
    id: str
    window: int


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The places inside a zero-shot run's folder."""

    run: Run

    @property
    def answers(self) -> Path:
        """A line an answer."""
        return self.run.folder / "answers.jsonl"

    @property
    def about(self) -> Path:
        """What was asked."""
        return self.run.folder / "about.json"

    @property
    def own(self) -> tuple[Path, ...]:
        """All that a zero-shot run writes."""
        return (self.run.recipe, self.answers, self.run.steps, self.about, self.run.results)


@contextmanager
def open_folder(path: Path, recipe: str, *, resume: bool = False, overwrite: bool = False) -> Iterator[Folder]:
    """Hold the folder for writing, with this recipe in it: one that holds anything else is refused."""
    folder = Folder(run=Run(folder=path))
    if resume and not (folder.run.recipe.is_file() and folder.answers.is_file()):
        raise TrainingError(f"{str(path)!r} holds no zero-shot run to resume: it has no {folder.answers.name}")
    with locked(path):
        remove_leftovers(path)
        if foreign := sorted(held.name for held in path.iterdir() if held not in folder.own and not held.name.startswith(".")):
            hints = [*foreign[:8], "choose another folder by --out"]
            raise TrainingError(f"{str(path)!r} holds files that are no zero-shot run's", hints)
        if folder.run.recipe.is_file() and not folder.answers.is_file():  # a run writes both; this one is a person's
            raise TrainingError(f"{str(path)!r} holds a recipe of yours", ["choose another folder by --out"])
        if folder.answers.is_file() and folder.answers.stat().st_size and not (resume or overwrite):
            raise TrainingError(f"{str(path)!r} holds a run already", ["go on by --resume, or begin anew by --overwrite"])
        if not resume:
            for own in folder.own:
                own.unlink(missing_ok=True)
        folder.answers.touch()
        keep_recipe(folder.run, recipe)
        yield folder


class Answers:
    """The answers of a run so far, in memory and in their file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = dict(_read(path))
        write_text_whole(path, "".join(_line(key, value) for key, value in self._known.items()))  # without what a kill cut

    def __contains__(self, key: Key) -> bool:
        return key in self._known

    def __getitem__(self, key: Key) -> Value:
        return self._known[key]

    def add(self, answers: Mapping[Key, Value]) -> None:
        """Append the answers of a batch; when this returns they are on the disk."""
        with self._path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write("".join(_line(key, value) for key, value in answers.items()))
            stream.flush()
            os.fsync(stream.fileno())
        self._known |= answers


def same_run(folder: Folder, fingerprint: Mapping[str, str]) -> None:
    """Refuse to go on where the data or the weights are no longer those the run began with."""
    if not folder.about.is_file():
        return
    before: dict[str, Any] = json.loads(folder.about.read_text(encoding="utf-8"))["fingerprint"]
    if problems := [f"{key} was {before.get(key)}, is {value}" for key, value in fingerprint.items() if before.get(key) != value]:
        raise TrainingError(f"{str(folder.run.folder)!r} was begun with something else and cannot be gone on with", problems)


def _line(key: Key, value: Value) -> str:
    return to_json({**key._asdict(), "answer": value}) + "\n"


def _read(path: Path) -> Iterator[tuple[Key, Value]]:
    """Every whole line, the last of a key counts; a kill may have cut the last line, or left a batch to be asked again."""
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            held = json.loads(line)
            value = held.pop("answer")
            yield Key(**held), value
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
