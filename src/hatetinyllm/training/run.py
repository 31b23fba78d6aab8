"""
A run's folder, and the lock that keeps a second process out of it.

    recipe.toml      the resolved recipe, every default written out
    rejected.jsonl   rows of the data that were set aside, and why
    steps.jsonl      one line a step
    checkpoints/     to resume from
    bundle/          what was learnt
    results.json     how it fared
    curve.svg        its loss, step by step
    tracker/         what a tracker keeps here, if the recipe names one
"""

import json
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from hatetinyllm.config.recipe import differences
from hatetinyllm.errors import RunLocked, TrainingError
from hatetinyllm.folder import remove_leftovers, write_text_whole
from hatetinyllm.plain import to_json
from hatetinyllm.processes import is_first_process
from hatetinyllm.training.loop import Step
from hatetinyllm.training.space import room_for

LOCK = ".lock"


@dataclass(frozen=True, kw_only=True)
class Run:
    """The places inside a run's folder; of several processes of one run only the first writes there."""

    folder: Path
    writes: bool = True

    @property
    def recipe(self) -> Path:
        """The resolved recipe."""
        return self.folder / "recipe.toml"

    @property
    def rejected(self) -> Path:
        """Rows that were set aside."""
        return self.folder / "rejected.jsonl"

    @property
    def steps(self) -> Path:
        """One line a step."""
        return self.folder / "steps.jsonl"

    @property
    def checkpoints(self) -> Path:
        """To resume from."""
        return self.folder / "checkpoints"

    @property
    def bundle(self) -> Path:
        """What was learnt."""
        return self.folder / "bundle"

    @property
    def results(self) -> Path:
        """How it fared."""
        return self.folder / "results.json"

    @property
    def curve(self) -> Path:
        """Its loss as a picture; whoever followed the recipe draws it from the log of steps."""
        return self.folder / "curve.svg"

    @property
    def stream(self) -> Path:
        """The text of a pretraining as token ids, learnt from."""
        return self.folder / "stream"

    @property
    def held_out(self) -> Path:
        """The text of a pretraining that is set aside, as token ids."""
        return self.folder / "held-out"

    @property
    def corpus(self) -> Path:
        """What a pretraining read, and what it left out."""
        return self.folder / "corpus"

    @property
    def tokenizer(self) -> Path:
        """The vocabulary of a pretraining."""
        return self.folder / "tokenizer.json"

    @property
    def model(self) -> Path:
        """What a pretraining comes to: a checkpoint as the hub has it."""
        return self.folder / "model"

    @property
    def tracker(self) -> Path:
        """What a tracker keeps here."""
        return self.folder / "tracker"

    def room(self, what: str) -> AbstractContextManager[None]:
        """While something is written here: a full disk is told of with what is kept all the same."""
        return room_for(what, self.folder, kept=lambda: sorted((p.name for p in self.checkpoints.glob("step-*")), reverse=True))


@contextmanager
def open_run(folder: Path, *, resume: bool = False, overwrite: bool = False) -> Iterator[Run]:
    """Hold a run folder for writing; a run that failed before anything worth keeping was there leaves no folder of its making."""
    run = Run(folder=folder, writes=is_first_process())
    if resume and not run.recipe.is_file():
        raise TrainingError(f"{str(folder)!r} holds no run to resume: it has no {run.recipe.name}")
    if not run.writes:
        yield run
        return
    made = not folder.exists()
    with locked(folder):
        _make_room(run, resume=resume, overwrite=overwrite)
        try:
            yield run
        except Exception:
            if made and _nothing_to_keep(run):
                for path in (run.recipe, run.rejected):
                    path.unlink(missing_ok=True)
            raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """
    Keep every other process out of a folder; the lock falls with this one, even by kill -9.

    Folders that were made for it are gone again after an error, if nothing else stands in them.
    """
    if folder.is_file():
        raise TrainingError(f"{str(folder)!r} is a file, and a folder is wanted", ["choose another place by --out"])
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(folder / LOCK).acquire(timeout=0)
    except Timeout as error:
        raise RunLocked(f"another process is writing {str(folder)!r}", ["wait, or choose another folder by --out"]) from error
    with lock:
        try:
            yield
        except Exception:
            _unmake(folder, made)
            raise


def _unmake(folder: Path, made: Sequence[Path]) -> None:
    """Remove folders of our making; one that holds anything but the lock stays, and so do those around it."""
    if folder not in made or any(path.name != LOCK for path in folder.iterdir()):
        return
    with suppress(OSError):  # Windows keeps a file that is open
        (folder / LOCK).unlink(missing_ok=True)
        for place in made:
            place.rmdir()


def _nothing_to_keep(run: Run) -> bool:
    """No step was taken, and no row was set aside that somebody may want to look at."""
    if run.rejected.is_file() and run.rejected.stat().st_size:
        return False
    return not any(path.exists() for path in (run.steps, run.checkpoints, run.bundle, run.results))


def write_note(run: Run, path: Path, text: str) -> None:
    """Write one of the run's small files, if it is this process that writes."""
    if run.writes:
        write_text_whole(path, text)


def log_steps(run: Run, steps: Iterable[Step], *, after: int) -> Iterator[Step]:
    """Pass steps on and keep a log of them, cut back first to the checkpoint's step: later ones are done again."""
    if run.writes:
        with run.room("the log of steps"):
            _cut_log(run, after)
    with closing(steps) if isinstance(steps, Generator) else nullcontext():  # what fails in saving the last one is an error here
        for step in steps:
            if run.writes:
                with run.room("the log of steps"), run.steps.open("a", encoding="utf-8") as stream:
                    stream.write(to_json(step) + "\n")
            yield step


def _cut_log(run: Run, last: int) -> None:
    if run.steps.is_file():
        lines = run.steps.read_text(encoding="utf-8").splitlines()
        write_text_whole(run.steps, "".join(f"{line}\n" for line in lines if 0 < _step_number(line) <= last))


def keep_recipe(run: Run, recipe: str) -> None:
    """Store the resolved recipe; a run that is gone on with must have the one it began with."""
    if run.writes and run.recipe.is_file() and (before := run.recipe.read_text(encoding="utf-8")) != recipe:
        raise TrainingError(f"{str(run.folder)!r} was begun with another recipe", differences(before, recipe))
    write_note(run, run.recipe, recipe)


def _make_room(run: Run, *, resume: bool, overwrite: bool) -> None:
    began = run.bundle.exists() or run.model.exists() or any(run.checkpoints.glob("step-*"))
    if began and not (resume or overwrite):
        raise TrainingError(f"{str(run.folder)!r} holds a run already", ["go on by --resume, or begin anew by --overwrite"])
    if not resume:  # a start that failed before its first checkpoint leaves nothing worth keeping
        if foreign := _foreign(run):
            raise TrainingError(
                f"{str(run.folder)!r} holds files that are no run's", [*foreign[:8], "choose another folder by --out"]
            )
        for path in (run.checkpoints, run.bundle, run.tracker, run.model, run.corpus, run.stream, run.held_out):
            if path.exists():
                shutil.rmtree(path)
        for path in (run.recipe, run.rejected, run.steps, run.results, run.curve, run.tokenizer):
            path.unlink(missing_ok=True)
    remove_leftovers(run.folder)
    remove_leftovers(run.checkpoints)


def _foreign(run: Run) -> list[str]:
    """What stands in the folder and is not a run's: nothing of it may be deleted or written over."""
    places = [run.recipe, run.rejected, run.steps, run.results, run.curve, run.checkpoints, run.bundle, run.tracker]
    places += [run.model, run.stream, run.held_out, run.corpus, run.tokenizer]
    own = {place.name for place in places}
    found = [path.name for path in run.folder.iterdir() if path.name not in own and not path.name.startswith(".")]
    held = run.checkpoints.glob("*")
    found += [f"{run.checkpoints.name}/{path.name}" for path in held if not path.name.startswith(("step-", "best-", "."))]
    if run.bundle.exists() and not (run.bundle / "manifest.json").is_file():
        found.append(run.bundle.name)
    if run.recipe.is_file() and not run.rejected.is_file():  # a run writes both; this one is a person's
        found.append(run.recipe.name)
    return sorted(found)


def _step_number(line: str) -> int:
    """The step of a line of the log; 0 for one that a kill cut short."""
    try:
        return int(json.loads(line)["number"])
    except (ValueError, KeyError, TypeError):
        return 0
