"""
The time a run takes on this machine, worked out from a rehearsal whose operations were timed on the spot:

    steps * (parts * a block learnt from + a step down) + texts judged * a text read + bytes saved / what a disk takes

and, where what enters the lowest block that learns is kept, every text once through the blocks below. Judging is worked out
from the speed of learning. The operations alone are not the whole of it: Python stands between them, and what they read is
cold. Both are stated below.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from hatetinyllm.training.ledger import Work
from hatetinyllm.training.rehearsal import Block, Rehearsal
from hatetinyllm.training.speed import Speed, Timed, time_work
from hatetinyllm.training.steps import Steps

# Both from the trainings of docs/results/plan.json: what a call costs beside its kernel, and what share of the speed that
# an operation shows alone it keeps in a step.
CALL_S = 8e-6
EFFICIENCY = 0.7
SAVED_BYTES_PER_S = 3.5e8  # written, digested and brought to the disk
STATE_BYTES = 12  # of a checkpoint for each weight that learns: itself and its two moments
LEARNING_LIMIT_S, DESCENT_LIMIT_S = 0.75, 0.15  # of measuring
PROBE_TEXTS = 64  # judged before and after the adapter is folded in


@dataclass(frozen=True, kw_only=True)
class Duration:
    """Seconds from the first step to the saved bundle; reading the data comes before."""

    steps: int
    step_s: float
    lower_s: float  # of the blocks below the lowest that learns, once
    judged: int  # texts, each time one is judged
    judging_s: float
    saving_s: float
    flops: int  # of the products of matrices in a step
    speed: Speed

    @property
    def total_s(self) -> float:
        """All of it."""
        return self.steps * self.step_s + self.lower_s + self.judging_s + self.saving_s


def foresee_duration(
    rehearsal: Rehearsal,
    steps: Steps,
    read: Block,
    options: Mapping[str, Any],
    rows: Mapping[str, int],
    *,
    learns: int,
    kept_bytes: int,
    probes: bool,
    device: torch.device,
) -> Duration:
    """How long it takes to train as the options of `train` say; `rehearsal` is of the part of a batch that is so on average."""
    judgements = math.ceil(steps.number / options["judge_every"]) if options["judge_every"] else int(options["epochs"])
    judged = rows["dev"] * (judgements + 1) + rows["test"] + (2 * min(PROBE_TEXTS, rows["dev"]) if probes else 0)
    saves = judgements + steps.number // options["save_every"]
    timed = partial(time_work, device=device, threads=options["threads"])
    learnt = timed(rehearsal.learnt, limit_s=LEARNING_LIMIT_S)
    descended = timed(rehearsal.descended, limit_s=DESCENT_LIMIT_S, like=learnt.speed)
    read_s, lower_s = (  # what a text costs to read is known from learning
        _in_place(timed(work, limit_s=0.0, like=learnt.speed), work) if work else 0.0
        for work in (rehearsal.read, rehearsal.lower)
    )
    return Duration(
        steps=steps.number,
        step_s=_in_place(learnt, rehearsal.learnt) * steps.parts + _in_place(descended, rehearsal.descended),
        lower_s=lower_s * rows["train"] / steps.part.texts + kept_bytes / SAVED_BYTES_PER_S,
        judged=judged,
        judging_s=judged * read_s / read.texts,
        saving_s=(saves + 1) * STATE_BYTES * learns / SAVED_BYTES_PER_S,
        flops=rehearsal.learnt.flops * steps.parts,
        speed=learnt.speed,
    )


def _in_place(timed: Timed, work: Work) -> float:
    """Seconds a piece of work takes where it stands, by those of its operations alone."""
    return timed.seconds / EFFICIENCY + CALL_S * work.calls
