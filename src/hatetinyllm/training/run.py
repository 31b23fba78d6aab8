"""
A run's folder, and the lock that keeps a second process out of it.

    recipe.toml      the resolved recipe, every default written out
    rejected.jsonl   rows of the data that were set aside, and why
    steps.jsonl      one line a step
    checkpoints/     to resume from
    bundle/          what was learnt
    results.json     how it fared
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from hatetinyllm.errors import RunLocked, TrainingError
from hatetinyllm.folder import remove_leftovers, write_text_whole


@dataclass(frozen=True, kw_only=True)
class Run:
    """The places inside a run's folder."""

    folder: Path

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


@contextmanager
def open_run(folder: Path, *, resume: bool = False, overwrite: bool = False) -> Iterator[Run]:
    """Hold a run folder for writing; the lock falls with the process, even by kill -9."""
    run = Run(folder=folder)
    if resume and not run.recipe.is_file():
        raise TrainingError(f"{str(folder)!r} holds no run to resume: it has no {run.recipe.name}")
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        with lock.acquire(timeout=0):
            _make_room(run, resume=resume, overwrite=overwrite)
            yield run
    except Timeout as error:
        raise RunLocked(f"another process is writing {str(folder)!r}", ["wait, or choose another folder by --out"]) from error


def log_steps(run: Run, first_step: int) -> None:
    """Cut the log back to what the checkpoint knows: steps after it are done again."""
    if run.steps.is_file():
        lines = run.steps.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if _step_number(line) is not None and (_step_number(line) or 0) <= first_step]
        write_text_whole(run.steps, "".join(f"{line}\n" for line in kept))


def append_step(run: Run, step: Mapping[str, Any]) -> None:
    """Add a line to the log."""
    with run.steps.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(step) + "\n")


def _make_room(run: Run, *, resume: bool, overwrite: bool) -> None:
    used = [path.name for path in run.folder.iterdir() if path.name != ".lock"]
    if used and not (resume or overwrite):
        raise TrainingError(f"{str(run.folder)!r} holds a run already", ["go on by --resume, or begin anew by --overwrite"])
    if overwrite and not resume:
        for path in (run.checkpoints, run.bundle):
            shutil.rmtree(path, ignore_errors=True)
        for path in (run.recipe, run.rejected, run.steps, run.results):
            path.unlink(missing_ok=True)
    remove_leftovers(run.folder)
    remove_leftovers(run.checkpoints)


def _step_number(line: str) -> int | None:
    """The step of a line of the log; None for one that a kill cut short."""
    try:
        return int(json.loads(line)["number"])
    except (ValueError, KeyError, TypeError):
        return None
