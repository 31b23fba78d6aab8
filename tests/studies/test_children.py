"""Runs in processes of their own: each is watched, stopped, gone on with, and fails alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from hatetinyllm.errors import RunLocked
from hatetinyllm.studies.children import (
    LOCKED,
    Began,
    Ended,
    Event,
    Progress,
    State,
    Tick,
    read_state,
    work,
    write_state,
)
from hatetinyllm.studies.study import Task
from hatetinyllm.training.run import locked

TaskOf = Callable[..., Task]
Program = tuple[str, ...]


def worked(tasks: Sequence[Task], program: Program, jobs: int = 1) -> list[Event]:
    return [event for event in work(tasks, program, os.environ, jobs=jobs) if not isinstance(event, Tick)]


def steps_of(task: Task) -> list[int]:
    return [json.loads(line)["number"] for line in (task.run / "steps.jsonl").read_text().splitlines()]


def test_a_task_is_done_in_its_folder_and_watched_meanwhile(task_of: TaskOf, program: Program) -> None:
    task = task_of(40)
    events = worked([task], program)
    assert [event for event in events if isinstance(event, Began)] == [Began(task=task)]
    looks = [event for event in events if isinstance(event, Progress)]
    assert looks[-1].stage == "training"
    assert any(0 < look.done < look.of == 40 and look.texts_per_s == 400 and look.left_s for look in looks)
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert (ended.state.status, ended.state.attempts) == ("done", 1)
    assert ended.state.seconds >= 0.8
    assert json.loads((task.run / "results.json").read_text()) == [{"command": "train", "steps": 40}]
    assert (task.folder / "recipe.toml").read_text() == "40"
    assert "training  a made-up net" in task.log.read_text()


def test_a_zero_shot_cell_is_asked_by_its_own_command(task_of: TaskOf, program: Program) -> None:
    task = task_of(1, "phi-2-zero-shot-hateval")
    worked([task], program)
    assert json.loads((task.run / "results.json").read_text())[0]["command"] == "zero-shot"


def test_one_that_fails_keeps_its_error_and_the_others_go_on(task_of: TaskOf, program: Program) -> None:
    names = ["phi-2-lora-dynahate", "opt-1.3b-lora-dynahate", "tinyllama-lora-dynahate"]
    tasks = [task_of(recipe, name) for recipe, name in zip(["fail", "crash", 2], names, strict=True)]
    ended = {event.task: event.state for event in worked(tasks, program) if isinstance(event, Ended)}
    assert [ended[task].status for task in tasks] == ["failed", "failed", "done"]
    assert ended[tasks[0]].error == ("this one cannot be done", "- it says fail")
    assert "SIGKILL" in ended[tasks[1]].error[0]
    assert read_state(tasks[0]) == ended[tasks[0]]


def test_two_at_once_end_sooner_than_one_by_one(task_of: TaskOf, program: Program) -> None:
    tasks = [task_of(30, name) for name in ("phi-2-lora-dynahate", "opt-1.3b-lora-dynahate")]
    events = worked(tasks, program, jobs=2)
    order = [type(event) for event in events if isinstance(event, Began | Ended)]
    assert order == [Began, Began, Ended, Ended]


def test_whoever_stops_listening_stops_the_process_which_saves_and_goes_on(task_of: TaskOf, program: Program) -> None:
    task = task_of(60)
    with closing(work([task], program, os.environ)) as events:
        for event in events:
            if isinstance(event, Progress) and event.done >= 3:
                break
    stopped_at = int((task.run / "saved").read_text())
    assert 3 <= stopped_at < 60
    state = read_state(task)
    assert state is not None
    assert state.status == "begun"
    again = worked([task], program)
    assert again[0] == Began(task=task, resumed=True)
    assert isinstance(again[-1], Ended)
    assert steps_of(task) == list(range(1, 61))
    assert (again[-1].state.attempts, again[-1].state.seconds > state.seconds) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a signal of POSIX")
def test_after_kill_9_of_the_parent_the_child_still_at_work_is_waited_for(
    task_of: TaskOf, program: Program, tmp_path: Path
) -> None:
    task = task_of(60)
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import os, sys\nfrom pathlib import Path\n"
        "from hatetinyllm.studies.cells import CELLS\nfrom hatetinyllm.studies.children import Progress, work\n"
        "from hatetinyllm.studies.study import Task\n"
        f"task = Task(cell=CELLS[{task.cell.name!r}], split='paper', seed=42, recipe='60', folder=Path({str(task.folder)!r}))\n"
        f"for event in work([task], {program!r}, os.environ):\n"
        "    if isinstance(event, Progress) and event.done >= 3:\n        os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, str(parent)], check=False)
    assert killed.returncode == -9
    events = worked([task], program)
    assert events[0] == Began(task=task, waits=True)
    assert isinstance(events[-1], Ended)
    assert steps_of(task) == list(range(1, 61))
    assert not [event for event in events if isinstance(event, Progress)], "it was done again"


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a signal of POSIX")
def test_kill_9_of_the_child_loses_what_it_did_not_save_and_no_more(task_of: TaskOf, program: Program) -> None:
    task = task_of(60)
    for event in work([task], program, os.environ):
        if isinstance(event, Progress) and event.done >= 12:
            pid = json.loads((task.run / "steps.jsonl").read_text().splitlines()[0])["pid"]
            os.kill(pid, 9)
            time.sleep(0.1)
    state = read_state(task)
    assert state is not None
    assert state.status == "failed"
    worked([task], program)
    steps = steps_of(task)
    repeated = len(steps) - 60
    assert set(steps) == set(range(1, 61))
    assert 0 <= repeated <= 10


ORPHAN = """
import subprocess, sys, time
from pathlib import Path
from filelock import FileLock, Timeout

run = Path(sys.argv[sys.argv.index("--out") + 1])
run.mkdir(parents=True, exist_ok=True)
lock = FileLock(run / ".lock")
if sys.argv[-1] == "orphan":
    lock.acquire()
    (run / "held").touch()
    time.sleep(1)
    sys.exit()
if not (run / "held").exists():
    subprocess.Popen([sys.executable, *sys.argv, "orphan"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (run / "held").exists():
        time.sleep(0.01)
try:
    lock.acquire(timeout=0)
except Timeout:
    print(f"error: another process is writing {str(run)!r}", flush=True)
    sys.exit(2)
(run / "results.json").write_text("[]")
"""


def test_a_run_that_an_orphan_takes_meanwhile_is_waited_for_and_not_failed(task_of: TaskOf, tmp_path: Path) -> None:
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    task = task_of(1)
    events = worked([task], (sys.executable, str(script)))
    assert [event.state.status for event in events if isinstance(event, Ended)] == ["done"]
    assert events[0] == Began(task=task)
    assert Began(task=task, waits=True) in events


def test_what_runlocked_says_is_known_here(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(RunLocked, match=LOCKED), locked(tmp_path):
        pass


def test_a_process_that_outlived_its_study_was_not_watched_to_its_end(task_of: TaskOf, program: Program) -> None:
    for before, watched in (("begun", False), ("failed", True)):
        task = task_of(1)
        task.run.mkdir(parents=True, exist_ok=True)
        task.results.write_text("[]")
        write_state(task, State(status=before, attempts=1, seconds=3.0))  # type: ignore[arg-type]
        (ended,) = worked([task], program)
        assert isinstance(ended, Ended)
        assert (ended.state.status, ended.state.watched, ended.state.seconds) == ("done", watched, 3.0)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"status": "done"}', '{"status": "done", "error": [], "more": 1}'])
def test_an_unreadable_note_is_none(task_of: TaskOf, content: str) -> None:
    task = task_of(1)
    task.folder.mkdir(parents=True)
    (task.folder / "state.json").write_text(content)
    assert read_state(task) is None


def test_a_note_comes_back_as_it_was(task_of: TaskOf) -> None:
    task = task_of(1)
    task.folder.mkdir(parents=True)
    state = State(status="failed", attempts=3, seconds=1.5, error=("why", "and how"))
    write_state(task, state)
    assert read_state(task) == state
