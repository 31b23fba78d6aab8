"""
Claim: `train --dry-run` foresees the memory of a run within a factor of 1.5 and its time within a factor of 2.

python benchmarks/plan.py [NAME ...]      writes docs/results/plan.json; all trainings unless some are named

Each recipe is planned by the command and then followed, both in processes of their own, one after the other, on one
thread. Memory is the highest resident set of the process; time is from the first step to the saved bundle, in seconds of
the processor, which on a machine with nothing else to do are those of the clock. Both are written down, and the load.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import torch

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "plan.json"
SMALL = {"layers": 1, "width": 128}
MIDDLE = {"layers": 4, "width": 256}
LARGE = {"layers": 8, "width": 768, "heads": 12}
KEYS = ["k_proj", "v_proj"]
CASES: dict[str, dict[str, Any]] = {
    "small lora": {"model": SMALL, "tuning": {"name": "lora", "rank": 16}, "train": {"batch_size": 32, "epochs": 4}, "rows": 0},
    "small head": {"model": SMALL, "tuning": {"name": "head"}, "train": {"batch_size": 32, "epochs": 4}, "rows": 0},
    "middle full": {"model": MIDDLE, "tuning": {"name": "full"}, "train": {"batch_size": 16}, "rows": 1200},
    "middle dora": {"model": MIDDLE, "tuning": {"name": "dora"}, "train": {"batch_size": 16}, "rows": 1200},
    "large lora": {
        "model": LARGE,
        "tuning": {"name": "lora", "rank": 2, "layers": KEYS},
        "train": {"batch_size": 8},
        "rows": 400,
    },
    "large lora bf16": {
        "model": LARGE,
        "tuning": {"name": "lora", "rank": 2, "layers": KEYS},
        "train": {"batch_size": 8, "precision": "bf16"},
        "rows": 400,
    },
    "large full": {"model": LARGE, "tuning": {"name": "full"}, "train": {"batch_size": 8}, "rows": 400},
    "large lora in parts": {"model": LARGE, "tuning": {"name": "lora"}, "train": {"batch_size": 32, "parts": 8}, "rows": 400},
}


def recipe_of(case: dict[str, Any]) -> dict[str, Any]:
    """A case as a recipe."""
    return {
        "data": {"name": "demo"},
        "sample": {"rows": case["rows"]},
        "split": {"name": "official"},
        "text": {"max_tokens": 48, "overlap_tokens": 8},
        "model": {"name": "scratch", **case["model"]},
        "tuning": case["tuning"],
        "train": {"device": "cpu", "threads": 1, "epochs": 1, "learning_rate": 1e-3, **case["train"]},
    }


def follow(path: Path, run: Path) -> dict[str, float]:
    """Follow a recipe in this process: its highest memory, and its time from the first step to the bundle."""
    from hatetinyllm.training.follow import Stage, train
    from hatetinyllm.training.loop import Step

    began: dict[str, tuple[float, float]] = {}

    def on_event(event: Stage | Step) -> None:
        if isinstance(event, Stage):
            began.setdefault(event.name, (time.perf_counter(), time.process_time()))

    train(path, run, on_event=on_event)
    clock, processor = began["training"]
    return {
        "seconds": time.process_time() - processor,
        "clock_s": time.perf_counter() - clock,
        "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Plan a case and follow it."""
    from hatetinyllm.config.recipe import resolve, to_toml
    from hatetinyllm.training.sections import sections

    path = folder / "recipe.toml"
    path.write_text(to_toml(resolve(recipe_of(CASES[name]), sections()), sections()), encoding="utf-8")
    plan = answer_of(["-m", "hatetinyllm", "train", str(path), "--dry-run", "--json"])
    real = answer_of([__file__, "--follow", str(path), str(folder / "run")])
    return {
        "name": name,
        "weights": plan["counts"]["net"],
        "learn": plan["counts"]["total"],
        "planned_bytes": plan["memory"]["peak"],
        "measured_bytes": real["bytes"],
        "memory_ratio": plan["memory"]["peak"] / real["bytes"],
        "growth_ratio": (plan["memory"]["peak"] - plan["memory"]["program"]) / (real["bytes"] - plan["memory"]["program"]),
        "planned_s": plan["duration"]["total_s"],
        "measured_s": real["seconds"],
        "clock_s": real["clock_s"],
        "load": os.getloadavg()[0],
        "time_ratio": plan["duration"]["total_s"] / real["seconds"],
    }


def answer_of(arguments: list[str]) -> dict[str, Any]:
    """What a process of its own prints as JSON."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Plans and follows every case, and writes down how far apart they are."""
    if sys.argv[1:2] == ["--follow"]:
        print(json.dumps(follow(Path(sys.argv[2]), Path(sys.argv[3]))))
        return
    found = []
    for name in sys.argv[1:] or CASES:
        with tempfile.TemporaryDirectory() as folder:
            one = measure(name, Path(folder))
        found.append({key: round(value, 3) if isinstance(value, float) else value for key, value in one.items()})
        ratios = {key: found[-1][key] for key in ("memory_ratio", "growth_ratio", "time_ratio")}
        print(f"{name:<22}{ratios}  {one['planned_s']:.1f} of {one['measured_s']:.1f} s", flush=True)
    if not sys.argv[1:]:
        told = {
            "date": date.today().isoformat(),
            "machine": platform.processor() or platform.machine(),
            "torch": torch.__version__,
        }
        RESULTS.write_text(
            json.dumps({**told, "ratios_are": "planned / measured", "trainings": found}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
