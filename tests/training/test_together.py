"""Two processes agree, notice what they do not share, and train as one process does, whole or sharded."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from hatetinyllm.models.hub import load
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.loop import learn
from hatetinyllm.training.rows import Rows
from hatetinyllm.training.together import all_leave, all_same, any_asks, several, wait_for_all
from hatetinyllm.tuning.tune import learning, tune
from hatetinyllm.types import Choice, Head

Start = Callable[..., list[subprocess.Popen[str]]]
HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
OPTIONS = {"epochs": 1, "batch_size": 15, "parts": 2, "learning_rate": 1e-2, "save_every": 2, "device": "cpu"}
STOPPED_AFTER = 3


def ended(processes: list[subprocess.Popen[str]]) -> None:
    """Waits for both, and shows what they said where one failed."""
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(said)


def test_who_is_alone_asks_nobody() -> None:
    assert not several()
    assert any_asks(True)
    assert not any_asks(False)
    assert all_same(3)
    assert all_leave("anywhere")
    wait_for_all()


AGREE = """
import os
from accelerate import PartialState
from hatetinyllm.training import together

second = os.environ["RANK"] == "1"
PartialState(cpu=True)
together.LEAVE_S = 1.0
assert together.several()
assert together.any_asks(second)
assert not together.any_asks(False)
assert together.all_same(7)
assert not together.all_same(7 + second)
assert together.all_leave("here")
if second:
    assert not together.all_leave("alone")
together.wait_for_all()
"""


def test_two_processes_agree_and_one_that_leaves_alone_finds_out(two_processes: Start) -> None:
    ended(two_processes("-c", AGREE))


def train(folder: Path, rows: Rows, dev: Rows, checkpoints: Path, *, stop_after: int = 0) -> dict[str, torch.Tensor]:
    """Train a small net from its last checkpoint, to the end or so far; gives what has learnt."""
    torch.manual_seed(0)
    tuned = tune(load(2, id=str(folder)).net, Choice(name="lora", options={"rank": 4, "dropout": 0.0}))
    for step in learn(tuned, rows, dev, [HATE], Checkpoints(checkpoints, {}), **OPTIONS, label_weights="balanced", clip_norm=0.1):
        if step.number == stop_after:
            break
    return {name: parameter.detach().clone() for name, parameter in learning(tuned.net).items()}


def train_twice(folder: Path, rows: Rows, dev: Rows, out: Path) -> None:
    """Stop after some steps, keep what was saved, go on, and write what has learnt."""
    train(folder, rows, dev, out / "checkpoints", stop_after=STOPPED_AFTER)
    if os.environ["RANK"] == "0":
        shutil.copytree(out / "checkpoints", out / "stopped")
    learnt = train(folder, rows, dev, out / "checkpoints")
    save_file(learnt, out / f"learnt-{os.environ['RANK']}.safetensors")


TRAIN = """
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from conftest import make_rows
from test_together import train_twice

train_twice(Path(sys.argv[2]), make_rows(64, seed=1), make_rows(40, seed=2), Path(sys.argv[3]))
"""


@pytest.mark.parametrize("sharded", [False, True], ids=["DDP", "FSDP"])
def test_two_processes_learn_what_one_does_and_one_goes_on_where_two_stopped(
    checkpoint: Callable[[str], Path], rows: Rows, dev: Rows, tmp_path: Path, two_processes: Start, sharded: bool
) -> None:
    folder = checkpoint("Llama")
    (tmp_path / "two").mkdir()
    ended(two_processes("-c", TRAIN, Path(__file__).parent, folder, tmp_path / "two", sharded=sharded))
    alone = train(folder, rows, dev, tmp_path / "one")
    found = [load_file(tmp_path / "two" / f"learnt-{rank}.safetensors") for rank in range(2)]
    assert Checkpoints(tmp_path / "two" / "stopped", {}).newest_step() == STOPPED_AFTER
    found.append(train(folder, rows, dev, tmp_path / "two" / "stopped"))
    assert any(float(tensor.abs().max()) > 0.01 for name, tensor in alone.items() if "lora_B" in name)  # it did learn
    for learnt in found:
        assert learnt.keys() == alone.keys()
        for name, tensor in alone.items():
            assert learnt[name] == pytest.approx(tensor, abs=2e-3), name
