"""Two processes agree, notice what they do not share, and train as one process does, whole or sharded."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from accelerate.commands.config.config_args import ClusterConfig, load_config_from_file
from accelerate.utils import DistributedType
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


LAUNCHES = Path(__file__).parents[2] / "recipes" / "distributed"


@pytest.mark.parametrize(
    ("name", "kind", "processes", "machines"),
    [("ddp-cpu", "MULTI_GPU", 2, 1), ("ddp", "MULTI_GPU", 4, 1), ("fsdp", "FSDP", 4, 1), ("multi-node", "MULTI_GPU", 8, 2)],
)
def test_every_launch_that_comes_with_the_recipes_is_read_by_accelerate(
    name: str, kind: str, processes: int, machines: int
) -> None:
    path = LAUNCHES / f"{name}.yaml"
    read = load_config_from_file(str(path))
    assert isinstance(read, ClusterConfig)
    assert (read.distributed_type, read.num_processes, read.num_machines) == (DistributedType(kind), processes, machines)
    assert read.mixed_precision == "no"
    assert (read.fsdp_config.get("fsdp_version") == 2) is (kind == "FSDP")
    assert f"accelerate launch --config_file recipes/distributed/{path.name}" in path.read_text(encoding="utf-8")


RECIPE = """
data = { name = "demo" }
split = { name = "official" }
sample = { rows = 400 }
text = { max_tokens = 32, overlap_tokens = 8 }
model = { name = "scratch", layers = 1, width = 16, heads = 2 }
tuning = { name = "lora", dropout = 0.0 }
train = { epochs = 1, batch_tokens = 512, device = "cpu", threads = 1 }
"""


def test_the_launch_without_a_card_trains_what_one_process_trains(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    train = ["-m", "hatetinyllm", "train", str(tmp_path / "recipe.toml"), "--out"]
    launch = ["-m", "accelerate.commands.launch", "--config_file", str(LAUNCHES / "ddp-cpu.yaml"), "--main_process_port", "0"]
    for words in ([*train, str(tmp_path / "one")], [*launch, *train, str(tmp_path / "two")]):
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    one, two = (load_file(tmp_path / run / "bundle" / "model.safetensors") for run in ("one", "two"))
    assert one.keys() == two.keys()
    assert all(two[name] == pytest.approx(tensor, abs=1e-5) for name, tensor in one.items())
