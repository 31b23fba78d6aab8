"""
Claim: what enters the lowest block that learns, kept on disk, makes three epochs of LoRA on the top half of a decoder faster,
the working out included, with the same losses.

python benchmarks/frozen.py      writes docs/results/frozen.json; exit status 1 where a ratio is below its bar

A Llama shape of 30M weights begins with random numbers, and LoRA stands on its upper blocks alone: on 4 of 8, and on 2. The same
training (made-up tokens of lengths as posts have, batches of 8 texts, fp32) is done with `frozen_blocks` and without, turn about,
each time by `learn` itself on one thread; what both learn is the same. Seconds are those of the processor, medians of the rounds.
"""

import json
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
import transformers

from hatetinyllm.models.scratch import load
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.heads import answers_of
from hatetinyllm.training.loop import learn, on_threads
from hatetinyllm.training.lower import drop_lower, keep_lower
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned, tune
from hatetinyllm.types import Choice, Example, Head

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results" / "frozen.json"
HEAD = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
BLOCKS, TEXTS, EPOCHS, ROUNDS = 8, 320, 3, 3
SHAPE: dict[str, Any] = {"layers": BLOCKS, "width": 512, "heads": 8, "feed_forward": 1376}
ATTENTION = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")
PARTS = (*ATTENTION, "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
BARS = {4: 1.15, 6: 1.25}  # by the blocks below the LoRA
SAME_LOSS = 1e-4  # relative; the kept numbers are those of larger batches


def made_up(count: int) -> Rows:
    """Rows of made-up tokens; their lengths spread about 30 as those of posts do."""
    chance = np.random.default_rng(0)
    lengths = np.clip(np.round(chance.lognormal(3.25, 0.55, count)), 4, 128).astype(int)
    windows = tuple((chance.integers(5, 4000, length).tolist(),) for length in lengths)
    examples = tuple(Example(text="made up", id=str(index), labels={"hate": (HEAD.labels[index % 2],)}) for index in range(count))
    return Rows(examples=examples, windows=windows, truth=answers_of(examples, [HEAD]), left_out=0, cut=0)


def made(below: int) -> Tuned:
    """The net with LoRA on the blocks from `below` up."""
    torch.manual_seed(0)
    net = load(2, **SHAPE).net
    layers = tuple(f".{block}.{part}" for block in range(below, BLOCKS) for part in PARTS)
    return tune(net, Choice(name="lora", options={"rank": 8, "layers": layers}))


def trained(rows: Rows, below: int, *, keeps: bool) -> tuple[float, float, list[float]]:
    """Seconds of the processor, those of the working out among them, and the loss of every step."""
    tuned, nothing, frozen = made(below), made_up(0), below if keeps else 0
    with tempfile.TemporaryDirectory() as folder, on_threads(1):
        checkpoints, began = Checkpoints(Path(folder), {}), time.process_time()
        for _ in keep_lower(tuned, rows, checkpoints, frozen_blocks=frozen, precision="fp32", layout="packed", device="cpu"):
            pass
        kept = time.process_time() - began
        options: dict[str, Any] = {"epochs": EPOCHS, "batch_size": 8, "device": "cpu", "threads": 1, "save_every": 10_000}
        losses = [step.loss for step in learn(tuned, rows, nothing, [HEAD], checkpoints, frozen_blocks=frozen, **options)]
        seconds = time.process_time() - began
        drop_lower(checkpoints)
    return seconds, kept, losses


def compare(rows: Rows, below: int) -> dict[str, float]:
    """Both ways, turn about."""
    whole, kept, working_out, apart = [], [], [], 0.0
    for _ in range(ROUNDS):
        seconds, _, expected = trained(rows, below, keeps=False)
        whole.append(seconds)
        seconds, first, losses = trained(rows, below, keeps=True)
        kept.append(seconds)
        working_out.append(first)
        apart = max(apart, max(abs(a - b) / b for a, b in zip(losses, expected, strict=True)))
    return {
        "frozen_blocks": below,
        "whole_s": round(median(whole), 2),
        "kept_s": round(median(kept), 2),
        "working_out_s": round(median(working_out), 2),
        "losses_apart": float(f"{apart:.1e}"),
        "ratio": round(median(whole) / median(kept), 3),
        "bar": BARS[below],
    }


def falls_short(one: Mapping[str, float]) -> bool:
    """A ratio below its bar, or a training that is not the same."""
    return one["ratio"] < one["bar"] or one["losses_apart"] > SAME_LOSS


def main() -> int:
    """Measures, writes it down, and says whether it holds."""
    rows = made_up(TEXTS)
    found = []
    for below in BARS:
        found.append(compare(rows, below))
        print(f"{below} of {BLOCKS} blocks kept: {found[-1]}", flush=True)
    told = {
        "date": date.today().isoformat(),
        "machine": platform.processor() or platform.machine(),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "python": platform.python_version()},
        "texts": TEXTS,
        "tokens": sum(rows.lengths),
        "epochs": EPOCHS,
        "trainings": found,
        "ratio": found[0]["ratio"],
        "bar": found[0]["bar"],
    }
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))
    return int(any(map(falls_short, found)))


if __name__ == "__main__":
    sys.exit(main())
