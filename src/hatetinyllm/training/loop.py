"""
The training loop: yields a step at a time, and knows nothing of screens, recipes or bundles.

The loss of a batch is the mean over its texts however the batch is worked: in parts (`parts`), or spread over processes
(`accelerate launch`). Resumed after a kill it repeats the steps since the last checkpoint and ends, on one CPU process
with the same versions and threads, with the same weights bit for bit.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from hatetinyllm.models.lower import freeze_below
from hatetinyllm.training.average import Average, average_of
from hatetinyllm.training.batches import batches_after, epoch_ends
from hatetinyllm.training.bench import Bench, bench_of
from hatetinyllm.training.checkpoint import Checkpoints, Place
from hatetinyllm.training.goals import Taught, goals_of
from hatetinyllm.training.judge import judge_rows
from hatetinyllm.training.optim import rate_at
from hatetinyllm.training.rows import Rows
from hatetinyllm.training.sharding import forget_gathered
from hatetinyllm.training.step import take_step
from hatetinyllm.training.together import all_leave, wait_for_all
from hatetinyllm.tuning.tune import Tuned, learning
from hatetinyllm.types import Count, Head, LesserShare, NonNegative, Positive, Result, Seed, Share, Whole


@dataclass(frozen=True, kw_only=True)
class Step:
    """One optimiser step, done and saved where it was to be saved."""

    number: int
    of: int
    epoch: int
    loss: float
    learning_rate: float
    texts_per_s: float
    texts: int = 0
    tokens: int = 0
    seconds: float = 0.0  # of learning; judging and saving come on top
    flops: int = 0  # useful operations, as training/flops.py counts them
    notes: tuple[str, ...] = ()
    dev: Result | None = None  # the judgement of the dev part, at the steps that have one
    best: bool = False
    bits_per_byte: float | None = None  # of text set aside, where a language is learnt


def learn(
    tuned: Tuned,
    rows: Rows,
    dev: Rows,
    heads: Sequence[Head],
    checkpoints: Checkpoints,
    taught: Taught | None = None,
    *,
    epochs: Count = 3,  # times every text is seen
    batch_size: Count = 8,  # texts in an optimiser step, over all processes
    batch_tokens: Whole = 0,  # tokens in an optimiser step, in the place of batch_size texts; 0 for batch_size
    parts: Count = 1,  # parts a batch is worked in, to save memory; changes no result
    learning_rate: Positive = 2e-4,  # at its highest
    layer_rate: Positive = 1.0,  # the learning rate of each block as a share of that of the block above; 1 for one rate
    weight_decay: NonNegative = 0.001,  # of matrices; vectors do not decay
    warmup_share: Share = 0.03,  # share of the steps in which the learning rate climbs
    clip_norm: NonNegative = 1.0,  # longest gradient, 0 for any
    label_weights: Literal["equal", "balanced"] = "equal",  # balanced: rare labels count more
    focal: NonNegative = 0.0,  # above 0, texts that are judged right and surely count less (focal loss, its gamma)
    smoothing: LesserShare = 0.0,  # share of each answer that is spread over all labels (label smoothing)
    beside_weight: NonNegative = 1.0,  # of the loss of every head but the headline, whose own weighs 1
    averaging: LesserShare = 0.0,  # above 0, an exponential mean of the weights is judged and saved, this share kept each step
    judge_every: Whole = 0,  # steps between judgements of the dev part, 0 for once an epoch
    patience: Whole = 0,  # stop after so many judgements without a better one, 0 to go on
    save_every: Count = 200,  # steps between checkpoints; every judgement saves one too
    keep: Count = 2,  # checkpoints that are kept
    seed: Seed = 42,  # of the order of texts and of dropout
    precision: Literal["fp32", "bf16", "bf16-frozen"] = "fp32",  # of arithmetic; bf16-frozen: of weights that do not learn, too
    recompute: bool = False,  # work activations out again for the gradients, to save memory; changes no result
    device: Literal["auto", "cpu"] = "auto",  # auto takes a GPU where there is one
    threads: Whole = 0,  # of the CPU, 0 for torch's own choice; a small net is fastest on 1
    frozen_blocks: Whole = 0,  # so many of the lowest blocks do not learn; what they give is worked out once and kept on disk
    layout: Literal["packed", "padded", "rows"] = "packed",  # packed: in one row; rows: by made code, a small Llama in full
    tracker: Literal["none", "tensorboard", "wandb", "mlflow", "trackio"] = "none",  # is told the figures of every step
) -> Iterator[Step]:
    """Train a tuned net, from its last checkpoint if there is one; at the end the net holds its best weights."""
    freeze_below(tuned.net, frozen_blocks)
    order: dict[str, Any] = {
        "lengths": rows.lengths,
        "batch_size": batch_size,
        "batch_tokens": batch_tokens,
        "epochs": epochs,
        "seed": seed,
    }
    ends = epoch_ends(**order)
    ready = bench_of(
        tuned,
        rows,
        heads,
        checkpoints,
        goals=goals_of(
            rows.truth,
            heads,
            balanced=label_weights == "balanced",
            smoothing=smoothing,
            beside_weight=beside_weight,
            taught=taught,
        ),
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        layer_rate=layer_rate,
        focal=focal,
        clip_norm=clip_norm,
        precision=precision,
        recompute=recompute,
        frozen_blocks=frozen_blocks,
        layout=layout,
        device=device,
    )
    with on_threads(threads), ready as bench:
        average = average_of(bench, averaging)
        place = _begin(bench, checkpoints, average, seed)
        notes = bench.notes
        for epoch, batch in batches_after(place.step, **order):
            if patience and place.waited >= patience:
                break
            began = time.perf_counter()
            rate = rate_at(place.step, ends[-1], learning_rate=learning_rate, warmup_share=warmup_share)
            taken = take_step(bench, batch, number=place.step + 1, rate=rate, parts=max(parts, place.parts))
            average.follow(place.step + 1)
            seconds, tokens = time.perf_counter() - began, sum(rows.lengths[row] for row in batch)
            place = replace(place, step=place.step + 1, parts=taken.parts if taken.notes else place.parts)
            judges = place.step == ends[-1] or (place.step % judge_every == 0 if judge_every else place.step in ends)
            judged = _judged(bench, average, dev) if judges and len(dev) else None
            place = _placed(place, judged) if judged else place
            step = Step(
                number=place.step,
                of=ends[-1],
                epoch=epoch + 1,
                loss=taken.loss,
                learning_rate=rate,
                texts_per_s=len(batch) / seconds,
                texts=len(batch),
                tokens=tokens,
                seconds=seconds,
                flops=bench.work.flops(texts=len(batch), tokens=tokens, last_only=bench.layout.last_only),
                notes=notes + taken.notes,
                dev=judged,
                best=judged is not None and place.best_step == place.step,
            )
            notes = ()
            # Saved after the caller had the step: a log then knows every step a checkpoint knows, and a kill between loses none.
            save = judged is not None or place.step == ends[-1] or place.step % save_every == 0
            try:
                yield step
            except GeneratorExit:
                save = all_leave(f"step-{place.step}")  # the caller walks away: what is done is kept
                raise
            finally:
                if save:
                    if step.best:
                        checkpoints.save_best(place.step, average.weights)
                    checkpoints.save(place, bench.learns, bench.optimiser, average.held, keep=keep)
        wait_for_all()
        if not place.best_step:
            average.swap()
    checkpoints.restore_best(place, learning(tuned.net))


def _judged(bench: Bench, average: Average, dev: Rows) -> Result:
    """How the weights that would be kept fare on the dev part."""
    with average.laid():
        return judge_rows(bench.net, dev, bench.heads, name="dev", lay=bench.layout.given)


def _begin(bench: Bench, checkpoints: Checkpoints, average: Average, seed: int) -> Place:
    """Where the run stands: at its last checkpoint if there is one, with the random numbers it had there."""
    wait_for_all()  # the first process may still be making room
    torch.manual_seed(seed)
    place = checkpoints.restore(bench.learns, bench.optimiser, average.held) or Place(step=0)
    forget_gathered(bench.net)
    if index := bench.accelerator.process_index:  # each drops out other weights; the first one's chance is the checkpoint's
        torch.manual_seed(seed + place.step + 1_000_003 * index)
    return place


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """So many threads inside the block, 0 for as many as there are; torch keeps one number for the whole process."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _placed(place: Place, judged: Result) -> Place:
    """The place after a judgement: a better macro-F1 is a new best, anything else is waited out."""
    score = judged.metrics["macro_f1"] or 0.0
    if score > place.best_score:
        return replace(place, best_step=place.step, best_score=score, waited=0)
    return replace(place, waited=place.waited + 1)
