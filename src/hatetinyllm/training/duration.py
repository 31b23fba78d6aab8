"""
The time a run takes on this machine, worked out from a rehearsal whose operations were timed on the spot:

    steps * (parts * a block learnt from + a step down) + texts judged * a text read + bytes saved / what a disk takes

Judging is worked out from the speed of learning. The operations alone are not the whole of it: Python stands between them,
and what they read is cold. Both are stated below.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from hatetinyllm.training.rehearsal import Block, Rehearsal
from hatetinyllm.training.speed import Speed, time_work

# Both from the trainings of docs/results/plan.json: what a call costs beside its kernel, and what share of the speed that
# an operation shows alone it keeps in a step.
CALL_S = 5e-6
EFFICIENCY = 0.8
SAVED_BYTES_PER_S = 3.5e8  # written, digested and brought to the disk
STATE_BYTES = 12  # of a checkpoint for each weight that learns: itself and its two moments
LEARNING_LIMIT_S, DESCENT_LIMIT_S = 0.75, 0.15  # of measuring
PROBE_TEXTS = 64  # judged before and after the adapter is folded in


@dataclass(frozen=True, kw_only=True)
class Duration:
    """Seconds from the first step to the saved bundle; reading the data comes before."""

    steps: int
    step_s: float
    judged: int  # texts, each time one is judged
    judging_s: float
    saving_s: float
    flops: int  # of the products of matrices in a step
    speed: Speed

    @property
    def total_s(self) -> float:
        """All of it."""
        return self.steps * self.step_s + self.judging_s + self.saving_s


def foresee_duration(
    rehearsal: Rehearsal,
    read: Block,
    options: Mapping[str, Any],
    rows: Mapping[str, int],
    *,
    learns: int,
    probes: bool,
    device: torch.device,
) -> Duration:
    """How long it takes to train as the options of `train` say; `rehearsal` is of blocks as long as the texts are on average."""
    steps = math.ceil(rows["train"] / options["batch_size"]) * options["epochs"]
    judgements = math.ceil(steps / (options["judge_every"] or max(1, steps // options["epochs"])))
    judged = rows["dev"] * (judgements + 1) + rows["test"] + (2 * min(PROBE_TEXTS, rows["dev"]) if probes else 0)
    saves = judgements + steps // options["save_every"]
    learnt = time_work(rehearsal.learnt, device=device, threads=options["threads"], limit_s=LEARNING_LIMIT_S)
    limits = {"descended": DESCENT_LIMIT_S, "read": 0.0}  # what a text costs to read is known from learning
    seconds = {
        name: time_work(
            getattr(rehearsal, name), device=device, threads=options["threads"], limit_s=limit_s, like=learnt.speed
        ).seconds
        for name, limit_s in limits.items()
    } | {"learnt": learnt.seconds}
    real = {name: seconds[name] / EFFICIENCY + CALL_S * getattr(rehearsal, name).calls for name in seconds}
    parts = min(options["parts"], options["batch_size"])  # no part is less than a text
    return Duration(
        steps=steps,
        step_s=real["learnt"] * parts + real["descended"],
        judged=judged,
        judging_s=judged * real["read"] / read.texts,
        saving_s=(saves + 1) * STATE_BYTES * learns / SAVED_BYTES_PER_S,
        flops=rehearsal.learnt.flops * parts,
        speed=learnt.speed,
    )
