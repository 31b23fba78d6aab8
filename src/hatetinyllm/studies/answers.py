"""
The folder of a zero-shot run: every answer is written as soon as it is known, and never asked for twice.

    recipe.toml      the resolved recipe, every default written out
    answers.jsonl    a line an answer: prompt, order, id of the text, window, log-odds; no texts
    steps.jsonl      a line a batch
    about.json       what was asked, word by word, and what a reader of the figures must know
    results.json     how it fared, the headline first

Answers are appended a batch at a time. A kill can cut the last lines short; a batch of which any line is missing is
asked again whole, so that a run that was killed ends with the very numbers of one that was not.

A folder is looked at when it is opened, and changed when the run begins: once the data, the model and the prompts are
known to be usable. Nothing is deleted but what a run of ours wrote.
"""

import json
import math
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

GENERATED = "generated"  # the way of asking whose answers are labels; those of all others are numbers
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
    """Hold the folder for a run of this recipe: one that holds anything else is refused. Nothing in it is changed yet."""
    folder = Folder(run=Run(folder=path))
    if resume and not (folder.run.recipe.is_file() and folder.answers.is_file()):
        raise TrainingError(f"{str(path)!r} holds no zero-shot run to resume: it has no {folder.answers.name}")
    with locked(path):
        if foreign := _foreign(folder, recipe):
            hints = [*foreign[:8], "choose another folder by --out"]
            raise TrainingError(f"{str(path)!r} holds files that are no zero-shot run's", hints)
        if _size(folder.answers) and not (resume or overwrite):
            raise TrainingError(f"{str(path)!r} holds a run already", ["go on by --resume, or begin anew by --overwrite"])
        if resume:
            keep_recipe(folder.run, recipe)
        yield folder


def begin(folder: Folder, recipe: str, fingerprint: Mapping[str, str], *, resume: bool = False) -> None:
    """Go on with the run, if its data and weights are those it began with, or clear away an old one and begin."""
    remove_leftovers(folder.run.folder)
    if resume:
        same_run(folder, fingerprint)
        return
    for own in (folder.run.results, folder.about, folder.run.steps):
        own.unlink(missing_ok=True)
    write_text_whole(folder.answers, "")  # before the recipe: a run with a recipe can be gone on with, whenever it was killed
    write_text_whole(folder.run.recipe, recipe)


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
    if not folder.about.is_file() and not _size(folder.answers):
        return
    before = _fingerprint(folder.about)
    if problems := [f"{key} was {before.get(key)}, is {value}" for key, value in fingerprint.items() if before.get(key) != value]:
        raise TrainingError(f"{str(folder.run.folder)!r} was begun with something else and cannot be gone on with", problems)


def _fingerprint(about: Path) -> dict[str, Any]:
    """What the run began with; a file that does not say so is damaged."""
    try:
        found = json.loads(about.read_text(encoding="utf-8"))["fingerprint"]
        if isinstance(found, dict):
            return found
        why = f"expected an object as its fingerprint, got {type(found).__name__}"
    except (OSError, ValueError, KeyError, TypeError) as error:  # a UnicodeDecodeError is a ValueError
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
    raise TrainingError(
        f"{str(about)!r} does not say what the run began with: the file is damaged or missing",
        [why, "begin anew by --overwrite, or in another folder by --out"],
    )


def _foreign(folder: Folder, recipe: str) -> list[str]:
    """What stands in the folder and is no run's of ours: nothing of it may be deleted or written over."""
    place, own = folder.run.recipe, set[Path]()
    if place.is_file() and folder.answers.is_file():
        own = {place, folder.answers, folder.about}
        if _size(folder.answers):  # these are written after an answer
            own = set(folder.own) if next(_read(folder.answers), None) else {place}
    else:  # killed as it began, or a person's: what would be written as it is loses nothing
        own |= {place} if place.is_file() and place.read_bytes() == recipe.encode() else set()
        own |= {folder.answers} if folder.answers.is_file() and not _size(folder.answers) else set()
    held = [path for path in folder.run.folder.iterdir() if not path.name.startswith(".")]
    return sorted(path.name for path in held if path not in own or not path.is_file())


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _line(key: Key, value: Value) -> str:
    return to_json({**key._asdict(), "answer": value}) + "\n"


def _read(path: Path) -> Iterator[tuple[Key, Value]]:
    """Every whole line, the last of a key counts; a kill may have cut the last line, or left a batch to be asked again."""
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            held = json.loads(line)
            value = held.pop("answer")
            key = Key(**held)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        if _is_answer(key, value):
            yield key, value


def _is_answer(key: Key, value: object) -> bool:
    """Whether a line of the file is of the form that is written; one that was damaged is asked again."""
    if not all(isinstance(part, str) for part in key[:3]) or type(key.window) is not int:
        return False
    if key.order == GENERATED:
        return value is None or isinstance(value, str)
    return isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value)
