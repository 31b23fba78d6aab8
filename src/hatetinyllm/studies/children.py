"""
Runs of cells in processes of their own: begun, gone on with, watched, stopped, and one's failure kept from the others.

A process writes its run's folder and its log, nothing else is asked of it: how far it is stands in its files. This file
does not know what a cell is about, nor what its results mean.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TextIO

from hatetinyllm.errors import RunLocked
from hatetinyllm.folder import write_text_whole
from hatetinyllm.plain import to_json
from hatetinyllm.studies.study import Task
from hatetinyllm.training.run import locked

PAUSE_S = 0.2  # between two looks at the processes
NOTED_S = 10.0  # between two notes of how long a process has been at work
TAIL_BYTES = 4096  # enough for the last line of any log
TOLD_LINES, TOLD_CHARACTERS = 12, 300
LOCKED = "another process is writing"  # what RunLocked says
ERROR, NOTE, STAGE_WIDTH = "error: ", "note", 10

Status = Literal["begun", "failed", "done"]


@dataclass(frozen=True, kw_only=True)
class State:
    """How a task stands, as it is kept beside its run."""

    status: Status
    attempts: int = 0
    seconds: float = 0.0  # of all attempts together
    error: tuple[str, ...] = ()
    watched: bool = True  # to its end; if not, it took longer than these seconds


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A look at a running process: what it is doing, and how many of its steps are done."""

    task: Task
    stage: str
    done: int = 0
    of: int = 0
    texts_per_s: float = 0.0
    left_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Began:
    """A task's process was started; `resumed` goes on with what an earlier one left, `waits` for one still at work."""

    task: Task
    resumed: bool = False
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A task's process came to its end; without an error the run's folder holds its results."""

    task: Task
    state: State


@dataclass(frozen=True, kw_only=True)
class Tick:
    """Nothing new; whoever listens may want to stop."""


Event = Began | Progress | Ended | Tick


@dataclass(kw_only=True)
class _Child:
    """A running process, and what is remembered of it between two looks."""

    task: Task
    process: subprocess.Popen[bytes]
    log: TextIO
    began: float
    before: State
    said_from: int  # where in the log its own words begin
    first: int | None = None  # the step it was at when first looked at
    seen: tuple[str, int] = ("", 0)
    noted: float = 0.0

    def state(self, status: Status, error: tuple[str, ...] = ()) -> State:
        seconds = self.before.seconds + time.monotonic() - self.began
        return replace(self.before, status=status, seconds=round(seconds, 1), error=error)


def work(tasks: Sequence[Task], program: Sequence[str], environment: Mapping[str, str], *, jobs: int = 1) -> Generator[Event]:
    """Do the tasks, so many at a time; whoever stops listening stops the processes too, each after saving."""
    waiting, held, running = list(tasks), set[Path](), list[_Child]()
    try:
        while waiting or running:
            for task in list(waiting) if len(running) < jobs else ():
                if is_held(task):
                    if task.folder not in held:
                        held.add(task.folder)
                        yield Began(task=task, waits=True)
                elif task.results.is_file():  # written last: an earlier study, or one whose parent was killed, ended it
                    waiting.remove(task)
                    yield _done_before(task)
                elif len(running) < jobs:
                    waiting.remove(task)
                    running.append(_begin(task, program, environment))
                    yield Began(task=task, resumed=running[-1].before.attempts > 1)
            time.sleep(PAUSE_S)
            yield Tick()
            for child in list(running):
                if child.process.poll() is None:
                    yield from _look(child)
                elif _was_kept_out(child):
                    running.remove(child)
                    child.log.close()
                    waiting.append(child.task)
                else:
                    running.remove(child)
                    yield _end(child)
    finally:
        _stop(running)


def read_state(task: Task) -> State | None:
    """How a task stands; None where nothing was begun, or where its note is unreadable."""
    try:
        content = json.loads((task.folder / "state.json").read_text(encoding="utf-8"))
        return State(**{**content, "error": tuple(content["error"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_state(task: Task, state: State) -> None:
    """Keep how a task stands."""
    write_text_whole(task.folder / "state.json", to_json(state, indent=2) + "\n")


def is_held(task: Task) -> bool:
    """Whether a process of an earlier study, whose parent was killed, still writes the run."""
    if not task.run.is_dir():
        return False
    try:
        with locked(task.run):
            return False
    except RunLocked:
        return True


def _was_kept_out(child: _Child) -> bool:
    """
    Whether a process failed because another one writes its run: it is begun again once that one is done.

    The other was started by a study that was killed, and had not come so far as to hold its run when this one was begun.
    """
    if not child.process.returncode:
        return False
    said = _reason(child, child.process.returncode)[0]
    return LOCKED in said or is_held(child.task)


def _done_before(task: Task) -> Ended:
    before = read_state(task) or State(status="begun")
    watched = before.watched and before.status != "begun"
    state = State(status="done", attempts=before.attempts, seconds=before.seconds, watched=watched)
    write_state(task, state)
    return Ended(task=task, state=state)


def _begin(task: Task, program: Sequence[str], environment: Mapping[str, str]) -> _Child:
    """Start a task's process, or go on with its run if one was begun."""
    task.folder.mkdir(parents=True, exist_ok=True)
    recipe = task.folder / "recipe.toml"
    write_text_whole(recipe, task.recipe)
    command = "train" if task.cell.trained else "zero-shot"
    resumed = (task.run / "recipe.toml").is_file()
    arguments = [command, "--resume", str(task.run)] if resumed else [command, str(recipe), "--out", str(task.run)]
    arguments += ["--baseline"] if task.cell.trained else []
    before = read_state(task) or State(status="begun")
    state = replace(before, status="begun", attempts=before.attempts + 1, error=())
    write_state(task, state)
    log = task.log.open("a", encoding="utf-8")
    log.write(f"== attempt {state.attempts}: hatetinyllm {' '.join(arguments)}\n")
    log.flush()
    # A group of its own: Ctrl-C on the keyboard reaches this process alone, which asks each child once to save and end.
    process = subprocess.Popen(  # noqa: S603 - our own command line
        [*program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        process_group=0 if os.name == "posix" else None,
    )
    return _Child(task=task, process=process, log=log, began=time.monotonic(), before=state, said_from=log.tell())


def _look(child: _Child) -> Iterator[Progress]:
    """What is new since the last look."""
    if time.monotonic() - child.noted > NOTED_S:
        child.noted = time.monotonic()
        write_state(child.task, child.state("begun"))
    stage, step = _stage(child), _last_step(child.task)
    done, of = int(step.get("number", 0)), int(step.get("of", 0))
    if (stage, done) == child.seen:
        return
    child.seen = (stage, done)
    child.first = done if child.first is None else child.first
    per_step = (time.monotonic() - child.began) / (done - child.first) if done > child.first else None
    yield Progress(
        task=child.task,
        stage=stage,
        done=done,
        of=of,
        texts_per_s=float(step.get("texts_per_s", 0.0)),
        left_s=None if per_step is None else per_step * (of - done),
    )


def _end(child: _Child) -> Ended:
    child.log.close()
    code = child.process.returncode
    state = child.state("failed", _reason(child, code)) if code else child.state("done")
    write_state(child.task, state)
    return Ended(task=child.task, state=state)


def _stop(running: Sequence[_Child]) -> None:
    """Ask every process once to save and end; asked a second time, end them at once."""
    for child in running:
        child.process.terminate()
    try:
        for child in running:
            child.process.wait()
    except KeyboardInterrupt:
        for child in running:
            child.process.kill()
        raise
    finally:
        for child in running:
            child.process.wait()
            child.log.close()
            write_state(child.task, child.state("begun"))


def _reason(child: _Child, code: int) -> tuple[str, ...]:
    """Why a process failed, in its own words: from its error on, or how it ended where it had none to say."""
    with child.task.log.open("rb") as stream:
        stream.seek(child.said_from)
        said = stream.read().decode("utf-8", errors="replace").splitlines()
    errors = [index for index, line in enumerate(said) if line.startswith(ERROR)]
    if errors:
        lines = [said[errors[-1]].removeprefix(ERROR), *said[errors[-1] + 1 :]]
        return tuple(line.strip()[:TOLD_CHARACTERS] for line in lines[:TOLD_LINES])
    ended = f"the process was ended by {signal.Signals(-code).name}" if code < 0 else f"the process ended with exit code {code}"
    return (ended, f"what it said stands in {child.task.log}")


def _stage(child: _Child) -> str:
    """The last stage the process told of: a word in a column of its own, as `train` and `zero-shot` print them."""
    words = [line[:STAGE_WIDTH].strip() for line in _tail(child.task.log)]
    stages = [word for word in words if word.isalpha() and word != NOTE]
    return stages[-1] if stages else "starting"


def _last_step(task: Task) -> Mapping[str, float]:
    """The last whole line of the run's log of steps."""
    for line in reversed(_tail(task.run / "steps.jsonl")):
        with suppress(ValueError):
            found = json.loads(line)
            return found if isinstance(found, dict) else {}
    return {}


def _tail(path: Path) -> list[str]:
    """The last lines of a file, none where it is not there yet."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - TAIL_BYTES))
            return stream.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []
