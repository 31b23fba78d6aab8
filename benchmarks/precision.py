"""
Claim: frozen weights in 16 bits cost no F1: over five seeds of a whole epoch the difference to 32 bits is within its noise.

python benchmarks/precision.py            writes docs/results/precision.json; a run that was cut goes on by --folder
python benchmarks/precision.py --folder kept --seeds 2 --train-rows 800

A net that learns: a small Llama is first tuned in full on DynaHate's leak-free train part; then LoRA on every linear layer is
trained for one epoch of Measuring Hate Speech, near-duplicates kept together, with five seeds in each precision, and the best
weights are judged on its dev and test parts as served, in 32 bits. Seeds are paired: the same order of texts, the same start.
The noise is half the width of the 95 % t-interval of the mean difference. The last line is one JSON object; the exit status is
1 when a difference is beyond it, or when the nets have not learnt: one that gives everything one label has a macro-F1 below .5.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from scipy.stats import t as student

from hatetinyllm.folder import write_text_whole
from hatetinyllm.training.follow import train
from hatetinyllm.training.seeds import SeedsOutcome, is_of_seeds, train_seeds

RESULT = Path(__file__).resolve().parent.parent / "docs" / "results" / "precision.json"
PRECISIONS = ("fp32", "bf16-frozen")
LEARNT = 0.6  # a macro-F1 that no net has which has not
TEXT = {"max_tokens": 128, "overlap_tokens": 16}
BASE = {
    "data": {"name": "dynahate"},
    "split": {"name": "official-leakfree"},
    "text": TEXT,
    "model": {"name": "scratch", "layers": 4, "width": 128, "heads": 4},
    "tuning": {"name": "full"},
    "train": {"epochs": 2, "batch_size": 32, "learning_rate": 1e-3, "device": "cpu", "threads": 1},
}


def recipe(base: Path, precision: str, rows: int) -> dict[str, Any]:
    """An epoch of LoRA in this precision."""
    return {
        "data": {"name": "measuring-hate-speech"},
        "split": {"name": "grouped"},
        "sample": {"train_rows": rows},
        "text": TEXT,
        "model": {"name": "hub", "id": str(base)},
        "tuning": {"name": "lora", "rank": 8},
        "train": {
            "epochs": 1,
            "batch_size": 16,
            "learning_rate": 2e-3,
            "judge_every": 250,
            "precision": precision,
            "device": "cpu",
            "threads": 1,
        },
    }


def trained(folder: Path, precision: str, rows: int, seeds: int) -> SeedsOutcome:
    """All seeds of one precision, gone on with where they were cut."""
    base, out = folder / "base", folder / precision
    if not (base / "bundle").exists():
        train(BASE, base, overwrite=base.exists())
    return train_seeds(recipe(base / "bundle", precision, rows), out, seeds=seeds, resume=is_of_seeds(out))


def figures(outcome: SeedsOutcome) -> dict[str, list[float]]:
    """macro-F1 of each seed on both parts."""
    found: dict[str, list[float]] = {"dev": [], "test": []}
    for one in outcome.seeds:
        assert one.dev is not None
        found["dev"].append(float(one.dev.metrics["macro_f1"] or 0))
        found["test"].append(float(one.results[0].metrics["macro_f1"] or 0))
    return found


def compared(fp32: list[float], bf16: list[float]) -> dict[str, float | bool]:
    """The mean difference beside its noise."""
    apart = [half - whole for whole, half in zip(fp32, bf16, strict=True)]
    noise = float(student.ppf(0.975, len(apart) - 1)) * statistics.stdev(apart) / len(apart) ** 0.5
    mean = statistics.mean(apart)
    return {"mean difference": round(mean, 4), "noise": round(noise, 4), "within": abs(mean) <= noise}


def main() -> int:
    """Trains, compares, and says whether a difference is beyond its noise."""
    asks = argparse.ArgumentParser(description="F1 with frozen weights in 16 bits and in 32.")
    asks.add_argument("--folder", type=Path, help="where the runs are kept; a temporary folder unless given")
    asks.add_argument("--seeds", type=int, default=5)
    asks.add_argument("--train-rows", type=int, default=0, help="of the epoch; all unless given")
    asks.add_argument("--out", type=Path, default=RESULT)
    given = asks.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        found = {}
        for precision in PRECISIONS:
            found[precision] = figures(trained(folder, precision, given.train_rows, given.seeds))
            print(
                f"{precision}: "
                + "; ".join(f"{part} {', '.join(f'{one:.4f}' for one in f1)}" for part, f1 in found[precision].items())
            )
    told = {part: compared(*(found[precision][part] for precision in PRECISIONS)) for part in ("dev", "test")}
    result = {
        "torch": torch.__version__,
        "seeds": given.seeds,
        "train rows": given.train_rows,
        "macro_f1": found,
        "compared": told,
    }
    write_text_whole(given.out, json.dumps(result, indent=1) + "\n")
    worst = min(statistics.mean(one) for parts in found.values() for one in parts.values())
    bars = ["the mean difference is within its noise", f"macro-F1 is at least {LEARNT} on the mean"]
    print(json.dumps({"compared": told, "macro-F1, lowest mean": round(worst, 4), "bars": bars}))
    return 0 if worst >= LEARNT and all(one["within"] for one in told.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
