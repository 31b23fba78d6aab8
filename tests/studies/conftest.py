"""Tasks of a study, and a stand-in for the process of a run: it takes steps, saves when asked to end, and goes on."""

import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hatetinyllm.studies.cell import CellResult
from hatetinyllm.studies.cells import CELLS
from hatetinyllm.studies.children import State
from hatetinyllm.studies.gather import gather
from hatetinyllm.studies.reproduce import Grid, plan
from hatetinyllm.studies.study import Task, folder_of
from hatetinyllm.studies.tiny import write_models
from hatetinyllm.studies.zero_shot import zero_shot
from hatetinyllm.training.follow import train

STAND_IN = """
import json, os, signal, sys, time
from pathlib import Path
from filelock import FileLock

command, arguments = sys.argv[1], sys.argv[2:]
folder = Path(arguments[arguments.index("--resume" if "--resume" in arguments else "--out") + 1])
recipe = (folder / "recipe.toml" if arguments[0] == "--resume" else Path(arguments[0])).read_text()
folder.mkdir(parents=True, exist_ok=True)
with FileLock(folder / ".lock"):
    (folder / "recipe.toml").write_text(recipe)
    print("reading   made-up rows", flush=True)
    if "fail" in recipe:
        print("error: this one cannot be done", "  - it says fail", sep="\\n", flush=True)
        sys.exit(2)
    if "crash" in recipe:
        os.kill(os.getpid(), signal.SIGKILL)
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    steps = int(recipe)
    saved = folder / "saved"
    done = int(saved.read_text()) if saved.exists() else 0
    print("training  a made-up net", flush=True)
    while done < steps:
        time.sleep(0.02)
        done += 1
        with (folder / "steps.jsonl").open("a") as stream:
            stream.write(json.dumps({"number": done, "of": steps, "texts_per_s": 400.0, "pid": os.getpid()}) + "\\n")
        if asked or done % 10 == 0:
            saved.write_text(str(done))
        if asked:
            sys.exit(130)
    (folder / "results.json").write_text(json.dumps([{"command": command, "steps": steps}]))
"""


@pytest.fixture
def program(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "stand_in.py"
    path.write_text(STAND_IN)
    return (sys.executable, str(path))


@pytest.fixture
def task_of(tmp_path: Path) -> Callable[..., Task]:
    """Makes a task of a made-up recipe, which is the number of its steps, or a word for what goes wrong."""

    def make(recipe: object, name: str = "opt-1.3b-lora-dynahate") -> Task:
        cell = CELLS[name]
        return Task(cell=cell, split="paper", seed=42, recipe=str(recipe), folder=folder_of(tmp_path / "out", cell, "paper", 42))

    return make


@dataclass(frozen=True, kw_only=True)
class Study:
    """A small study that was really run, in this process: tiny nets on the demo's rows."""

    out: Path
    grid: Grid
    tasks: tuple[Task, ...]
    cells: tuple[CellResult, ...]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """LoRA learnt from two datasets, and one net that was only asked."""
    out = tmp_path_factory.mktemp("study")
    names = ("tinyllama-lora-dynahate", "tinyllama-lora-hateval", "tinyllama-zero-shot-hateval")
    settings = ("sample.rows=160", "train.batch_size=32", 'zero_shot.prompts=["plain"]', "text.max_tokens=32")
    cells = tuple(CELLS[name] for name in names)
    grid = Grid(cells=cells, splits=("paper",), settings=settings, tiny=True, stand_ins=("dynahate", "hateval", "hateval-es"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HATETINYLLM_MODELS", str(out / "tiny-models"))
        write_models(out / "tiny-models", ["tinyllama"])
        tasks = plan(out, grid)
        for task in tasks:
            recipe = tomllib.loads(task.recipe)
            if task.cell.trained:
                train(recipe, task.run, baseline=True)
            else:
                zero_shot(recipe, task.run)
        state = State(status="done", attempts=1, seconds=1.5)
        found = tuple(gather(task, state, tiny=True) for task in tasks)
    return Study(out=out, grid=grid, tasks=tasks, cells=found)
