"""
Claim: training killed by `kill -9` at any moment, as often as you like, ends with the weights it would have ended with.

python benchmarks/kills.py [KILLS]      50 kills unless told otherwise, and 10 of each other run; writes docs/results/kills.json

One run is left alone. Another is killed over and over and resumed: a third of the kills come while it starts or reads, a
third after a random number of further steps, a third while it writes a checkpoint. In the end the two files of weights are
compared byte for byte. All read packed texts on one thread; the first run takes batches by a budget of tokens. The last line
is one JSON object; the exit status is 1 when any two files differ, or a run ended before it was killed often enough.
"""

import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "kills.json"
BAR = 50
OTHERS = 10  # kills of each of the other runs
MOMENTS = ("starting", "stepping", "writing")
START_S = 12.0  # a process is killed within so many seconds at the latest while it starts
PATIENCE_S = 60.0
DATA = """
[data]
name = "demo"
[split]
name = "official"
[text]
max_tokens = 32
overlap_tokens = 8
[tuning]
name = "lora"
dropout = 0.2
"""
SCRATCH = """
[model]
name = "scratch"
layers = 2
width = 16
heads = 2
"""
HUB = """
[model]
name = "hub"
id = "MODEL"
"""
TRAIN = """
[train]
epochs = EPOCHS
learning_rate = 1e-3
save_every = 7
judge_every = 50
device = "cpu"
threads = 1
"""
RUNS = {
    "batches by a budget of tokens, dropout of LoRA": SCRATCH + TRAIN + "batch_tokens = 256\n",
    "batches of 8 texts, dropout of OPT itself": HUB + TRAIN + "batch_size = 8\n",
    "frozen weights in 16 bits, recomputed": SCRATCH + TRAIN + 'batch_size = 8\nprecision = "bf16-frozen"\nrecompute = true\n',
}


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A process that was killed: while it did what, and what was there then."""

    moment: str
    steps: int  # that the log tells of
    checkpoint: int  # step of the newest one


def order(*words: object) -> subprocess.Popen[bytes]:
    """Start a training process."""
    command = [sys.executable, "-m", "hatetinyllm", "train", *map(str, words), "--json"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def begin(recipe: Path, run: Path) -> subprocess.Popen[bytes]:
    """Start a run, or go on with it if there is something to go on with."""
    return order("--resume", run) if (run / "recipe.toml").is_file() else order(recipe, "--out", run, "--overwrite")


def steps_done(run: Path) -> int:
    """How many steps the log of a run tells of."""
    log = run / "steps.jsonl"
    return log.read_bytes().count(b"\n") if log.is_file() else 0


def newest(run: Path) -> int:
    """The step of the newest checkpoint, 0 where there is none."""
    return max((int(folder.name.removeprefix("step-")) for folder in (run / "checkpoints").glob("step-*")), default=0)


def is_writing(run: Path) -> bool:
    """Whether a checkpoint is being written just now."""
    with suppress(FileNotFoundError):
        return any(path.suffix == ".writing" for path in (run / "checkpoints").iterdir())
    return False


def kill_once(process: subprocess.Popen[bytes], run: Path, moment: str, chance: random.Random, *, start_s: float) -> Kill | None:
    """Kill a process at such a moment, at a random place of it; None if it ended by itself."""
    began, first = time.monotonic(), steps_done(run)
    wait_s, further, delay_s = chance.uniform(0.05, start_s), chance.randint(1, 20), chance.uniform(0, 0.004)
    while process.poll() is None:
        waited_s, logged = time.monotonic() - began, steps_done(run)
        first = min(first, logged)  # the log is cut back to the checkpoint first
        if moment == "starting":
            due = waited_s > wait_s
        else:
            due = logged > first + further and (moment == "stepping" or is_writing(run))
        if due or waited_s > PATIENCE_S:
            time.sleep(delay_s if moment == "writing" else 0)
            process.kill()
            process.wait()
            return Kill(moment=moment, steps=steps_done(run), checkpoint=newest(run))
        time.sleep(0.0002 if moment == "writing" else 0.002)
    return None


def kill_and_resume(recipe: Path, run: Path, wanted: int, *, seed: int, start_s: float) -> Iterator[Kill]:
    """Kill a run so often and resume it each time, then let it end; every kill is told as it comes."""
    chance = random.Random(seed)
    moments = [MOMENTS[index % len(MOMENTS)] for index in range(wanted)]
    chance.shuffle(moments)
    for moment in moments:
        killed = kill_once(begin(recipe, run), run, moment, chance, start_s=start_s)
        if killed is None:
            return
        yield killed
    if begin(recipe, run).wait() != 0:
        raise RuntimeError("the last resume failed")


def are_equal(first: Path, second: Path) -> bool:
    """Whether two runs ended with the same weights, byte for byte."""
    weights = [{path.name: path.read_bytes() for path in (run / "bundle").glob("*.safetensors")} for run in (first, second)]
    return bool(weights[0]) and weights[0] == weights[1]


def tiny_opt(folder: Path) -> Path:
    """A checkpoint of OPT with random weights and its own dropout, as the hub has it."""
    import torch
    import transformers

    import hatetinyllm

    torch.manual_seed(0)
    shape = {"hidden_size": 16, "word_embed_proj_dim": 16, "ffn_dim": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = transformers.OPTConfig(vocab_size=4096, max_position_embeddings=64, dropout=0.1, attention_dropout=0.0, **shape)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    shutil.copy(Path(hatetinyllm.__file__).parent / "text" / "tokenizer.json", folder)
    return folder


def measure(name: str, text: str, wanted: int, folder: Path) -> dict[str, object]:
    """One run left alone and one killed; what it came to."""
    recipe, whole, cut = folder / "recipe.toml", folder / "whole", folder / "killed"
    recipe.write_text(text, encoding="utf-8")
    began = time.monotonic()
    alone = order(recipe, "--out", whole)
    while alone.poll() is None and not steps_done(whole):
        time.sleep(0.01)
    start_s = min(time.monotonic() - began, START_S)
    assert alone.wait() == 0, "the run that was left alone failed"
    print(f"{name}: {steps_done(whole)} steps, the first after {start_s:.1f} s", flush=True)
    kills = []
    for killed in kill_and_resume(recipe, cut, wanted, seed=wanted, start_s=start_s):
        kills.append(killed)
        place = f"{killed.steps} steps in the log, the newest checkpoint of step {killed.checkpoint}"
        print(f"kill {len(kills)}, while {killed.moment}: {place}", flush=True)
    equal = are_equal(whole, cut)
    early = "" if len(kills) == wanted else f" (of {wanted}: it ended by itself)"
    print(f"{len(kills)} kills{early}: the weights are {'equal bit for bit' if equal else 'DIFFERENT'}", flush=True)
    counts = Counter(killed.moment for killed in kills)
    return {"run": name, "steps": steps_done(whole), "kills": len(kills), "while": dict(counts), "equal": equal}


def main() -> int:
    """Measure every run, write what was found, and say whether the claim holds."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else BAR
    found = []
    for index, (name, rest) in enumerate(RUNS.items()):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            epochs, kills = (6, wanted) if index == 0 else (2, min(OTHERS, wanted))
            text = (DATA + rest).replace("EPOCHS", str(epochs))
            if "MODEL" in text:
                text = text.replace("MODEL", str(tiny_opt(folder / "opt")))
            found.append(measure(name, text, kills, folder))
    versions = {name: __import__(name).__version__ for name in ("torch", "transformers", "accelerate")}
    told = {"date": date.today().isoformat(), "machine": platform.machine(), "python": platform.python_version(), **versions}
    equal = all(one["equal"] for one in found)
    enough = found[0]["kills"] == wanted
    kills_of_first = found[0]["kills"]
    if wanted >= BAR:
        RESULTS.write_text(json.dumps({**told, "bar": BAR, "runs": found}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"kills": kills_of_first, "equal": equal, "bar": BAR, "others": [one["kills"] for one in found[1:]]}))
    return 0 if equal and enough else 1


if __name__ == "__main__":
    sys.exit(main())
