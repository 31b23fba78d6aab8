"""
Claim: training killed by `kill -9` at any step, as often as you like, ends with the weights it would have ended with.

python benchmarks/kills.py [KILLS]      50 kills unless told otherwise

One run is left alone. Another is killed over and over, each time after a random number of further steps (or while it
starts, reads, or writes a checkpoint), and resumed. In the end the two files of weights are compared byte for byte.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RECIPE = """
[data]
name = "demo"
[split]
name = "official"
[text]
max_tokens = 32
overlap_tokens = 8
[model]
name = "scratch"
layers = 1
width = 16
heads = 2
[tuning]
name = "lora"
dropout = 0.2
[train]
epochs = 4
batch_size = 8
learning_rate = 1e-3
save_every = 7
judge_every = 50
device = "cpu"
threads = 1
"""


def order(*words: str) -> subprocess.Popen[bytes]:
    """Starts a training process."""
    command = [sys.executable, "-m", "hatetinyllm", "train", *words, "--json"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def steps_done(run: Path) -> int:
    """How many steps the log of a run tells of."""
    log = run / "steps.jsonl"
    return log.read_bytes().count(b"\n") if log.is_file() else 0


def kill_once(process: subprocess.Popen[bytes], run: Path, chance: random.Random) -> bool:
    """Kills a process after some steps or some time, whichever comes first; False if it ended by itself."""
    goal, deadline = steps_done(run) + chance.randint(0, 25), time.monotonic() + chance.uniform(0.5, 60)
    while process.poll() is None:
        if steps_done(run) > goal or time.monotonic() > deadline:
            process.kill()
            process.wait()
            return True
        time.sleep(chance.uniform(0.0005, 0.005))
    return False


def main() -> int:
    """Runs both, compares, and says how it went."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        recipe, whole, killed = Path(folder) / "recipe.toml", Path(folder) / "whole", Path(folder) / "killed"
        recipe.write_text(RECIPE, encoding="utf-8")
        assert order(str(recipe), "--out", str(whole)).wait() == 0
        kills, times = 0, []
        while kills < wanted:
            began = (killed / "recipe.toml").is_file()
            process = order("--resume", str(killed)) if began else order(str(recipe), "--out", str(killed), "--overwrite")
            if not kill_once(process, killed, chance):
                break
            kills += 1
            times.append(steps_done(killed))
            print(f"kill {kills}: {times[-1]} steps in the log", flush=True)
        while order("--resume", str(killed)).wait() != 0:
            print("the last resume failed")
            return 1
        files = [run / "bundle" / "model.safetensors" for run in (whole, killed)]
        same = files[0].read_bytes() == files[1].read_bytes()
        print(f"{kills} kills over {steps_done(whole)} steps: the weights are {'equal bit for bit' if same else 'DIFFERENT'}")
        return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
