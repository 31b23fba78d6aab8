"""
The pretraining loop: yields a step at a time, as training's does, and keeps the same checkpoints.

A step told in numbers repeats bit for bit after a kill on one CPU process; one told in time hangs on the clock.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.language import Language
from hatetinyllm.pretraining.optim import Together, make_optimisers, set_rate
from hatetinyllm.pretraining.schedule import Reached, Schedule
from hatetinyllm.pretraining.stream import Stream
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.compiler import require_compiler
from hatetinyllm.training.limit import device_of
from hatetinyllm.training.loop import Step, on_threads
from hatetinyllm.training.step import sum_gradients
from hatetinyllm.training.together import all_leave, highest, several, share_of_work, wait_for_all
from hatetinyllm.types import Count, LesserShare, NonNegative, Positive, Seed, Share, Whole


@dataclass(frozen=True, kw_only=True)
class Learner:
    """What learns, by what, where."""

    language: Language
    optimisers: Together
    device: torch.device
    how: dict[str, bool]
    clip_norm: float
    parts: int


def learn(
    language: Language,
    stream: Stream,
    held_out: Stream | None,
    checkpoints: Checkpoints,
    *,
    steps: Whole = 0,  # so many in all; 0 for as many as budget_s allows
    budget_s: Whole = 3600,  # seconds of learning, where steps is 0: the rate falls so that it ends well; making code is on top
    row_tokens: Count = 128,  # of a row; texts follow one another in it
    batch_rows: Count = 64,  # rows of an optimiser step, over all processes
    parts: Count = 1,  # parts a batch is worked in, to save memory; changes no result
    learning_rate: Positive = 4e-3,  # at its highest
    optimiser: Literal["muon", "adamw"] = "muon",  # of the blocks' matrices; all else learns by AdamW
    weight_decay: NonNegative = 0.05,  # of the blocks' matrices
    warmup_share: Share = 0.02,  # share of the run in which the learning rate climbs
    decay_share: LesserShare = 0.4,  # share of the run, its end, in which the learning rate falls to nothing
    clip_norm: NonNegative = 1.0,  # longest gradient, 0 for any
    judge_every: Whole = 500,  # steps between judgements of the text set aside, 0 for only at the end
    judged_tokens: Count = 200_000,  # of the text set aside that are foretold
    save_every: Count = 100,  # steps between checkpoints
    keep: Count = 2,  # checkpoints that are kept
    seed: Seed = 42,  # of the order of rows
    precision: Literal["fp32", "bf16"] = "bf16",  # of products; sums and weights are in 32 bits
    made: bool = True,  # compile the blocks first (torch.compile), where they are of the kind that can be
    device: Literal["auto", "cpu"] = "auto",  # auto takes a GPU where there is one
    threads: Whole = 0,  # of the CPU, 0 for torch's own choice
) -> Iterator[Step]:
    """Foretell the next token, row by row, from the last checkpoint if there is one."""
    if not stream.rows(row_tokens):
        raise TrainingError(
            f"the corpus has {stream.size.tokens:,} tokens, too few for a row of pretrain.row_tokens = {row_tokens}"
        )
    place_of_work = device_of(device)
    if made and language.on_grid:
        require_compiler(place_of_work)
    language.to(place_of_work).train()
    learner = Learner(
        language=language,
        optimisers=make_optimisers(language.net, kind=optimiser, learning_rate=learning_rate, weight_decay=weight_decay),
        device=place_of_work,
        how={"half": precision == "bf16", "made": made},
        clip_norm=clip_norm,
        parts=parts,
    )
    schedule = Schedule(
        steps=steps, budget_s=budget_s, learning_rate=learning_rate, warmup_share=warmup_share, decay_share=decay_share
    )
    flops = 6 * sum(parameter.numel() for parameter in language.net.parameters())
    with on_threads(threads):
        place = _begin(learner, checkpoints, seed)
        if made and language.on_grid:
            _make_code(learner, stream, rows_of(place.step, stream.rows(row_tokens), batch_rows, seed), row_tokens)
        while True:
            place = schedule.planned(place)
            if place.steps and place.step >= place.steps:
                break
            began, rate = time.perf_counter(), schedule.rate(place)
            rows = rows_of(place.step, stream.rows(row_tokens), batch_rows, seed)
            loss = take_step(learner, stream, rows, row_tokens, rate, number=place.step + 1)
            seconds = highest(time.perf_counter() - began)
            place = schedule.planned(replace(place, step=place.step + 1, seconds=place.seconds + seconds))
            last = place.step == place.steps
            judges = last or bool(judge_every and place.step % judge_every == 0)
            step = Step(
                number=place.step,
                of=schedule.expected(place),
                epoch=1 + (place.step * batch_rows - 1) // stream.rows(row_tokens),
                loss=loss,
                learning_rate=rate,
                texts_per_s=len(rows) / seconds,
                texts=len(rows),
                tokens=len(rows) * row_tokens,
                seconds=seconds,
                flops=flops * len(rows) * row_tokens,
                bits_per_byte=bits_per_byte(learner, held_out, row_tokens, judged_tokens) if judges and held_out else None,
            )
            save = last or judges or place.step % save_every == 0
            try:
                yield step
            except GeneratorExit:
                save = all_leave(f"step-{place.step}")  # the caller walks away: what is done is kept
                raise
            finally:
                if save:
                    checkpoints.save(place, _learning(learner), learner.optimisers, keep=keep)
        wait_for_all()


def rows_of(step: int, rows: int, batch_rows: int, seed: int) -> list[int]:
    """The rows of a step (counted from 0): all of them once, in an order by chance, then all of them again in another."""
    found: list[int] = []
    for place in range(step * batch_rows, (step + 1) * batch_rows):
        epoch, index = divmod(place, rows)
        found.append(int(_order(rows, seed, epoch)[index]))
    return found


def take_step(learner: Learner, stream: Stream, rows: list[int], length: int, rate: float, *, number: int) -> float:
    """Learn from some rows; their mean loss in nats a token."""
    total = torch.zeros((), device=learner.device)
    for part in _parts(learner, rows):
        loss = learner.language(stream.row(part, length).to(learner.device), **learner.how) / (len(rows) * length)
        loss.backward()
        total += loss.detach()
    learns = list(_learning(learner).values())
    if several():
        sum_gradients(learns)
        torch.distributed.all_reduce(total)
    norm = torch.nn.utils.clip_grad_norm_(learns, learner.clip_norm or math.inf)
    if not (math.isfinite(float(total)) and math.isfinite(float(norm))):
        hints = ["lower pretrain.learning_rate", "take pretrain.precision = 'fp32'"]
        raise TrainingError(f"the loss is no number at step {number}", hints)
    set_rate(learner.optimisers, rate)
    learner.optimisers.step()
    learner.optimisers.zero_grad()
    return float(total)


def _parts(learner: Learner, rows: list[int]) -> list[Any]:
    """This process's share of some rows, in parts."""
    first, every = share_of_work()
    own = np.array(rows[first::every])
    return [part for part in np.array_split(own, min(learner.parts, len(own)) or 1) if len(part)]


def _make_code(learner: Learner, stream: Stream, rows: list[int], length: int) -> None:
    """Have the blocks compiled before the clock runs: it may take longer than a short run is meant to."""
    for part in _parts(learner, rows)[:1]:
        learner.language(stream.row(part, length).to(learner.device), **learner.how).backward()
    learner.optimisers.zero_grad()


@torch.no_grad()
def bits_per_byte(learner: Learner, held_out: Stream, length: int, tokens: int) -> float | None:
    """What the text set aside costs: the bits of foretelling its tokens, spread over its bytes."""
    rows = min(held_out.rows(length), max(1, tokens // length))
    if not rows:
        return None
    nats = 0.0
    for first in range(0, rows, 16):
        grid = held_out.row(range(first, min(first + 16, rows)), length).to(learner.device)
        nats += float(learner.language(grid, half=learner.how["half"], made=False))
    size = held_out.size
    return nats / math.log(2) / (rows * length * size.bytes / size.tokens)


def _begin(learner: Learner, checkpoints: Checkpoints, seed: int) -> Reached:
    wait_for_all()
    torch.manual_seed(seed)
    found: Any = checkpoints.restore(_learning(learner), learner.optimisers)
    return found or Reached(step=0)


def _learning(learner: Learner) -> dict[str, torch.nn.Parameter]:
    return {name: parameter for name, parameter in learner.language.net.named_parameters() if parameter.requires_grad}


_ORDERS: dict[tuple[int, int, int], Any] = {}


def _order(rows: int, seed: int, epoch: int) -> Any:
    """Kept, since many steps ask for the same one."""
    key = (rows, seed, epoch)
    if key not in _ORDERS:
        _ORDERS.clear()
        _ORDERS[key] = np.random.default_rng((seed, epoch)).permutation(rows)
    return _ORDERS[key]
