"""
The training loop: yields a step at a time, and knows nothing of screens, recipes or bundles.

The loss of a batch is the mean over its texts however the batch is worked: in parts (`parts`), or spread over processes
(`accelerate launch`). Resumed after a kill it repeats the steps since the last checkpoint and ends, on one CPU process
with the same versions and threads, with the same weights bit for bit.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.lower import freeze_below
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.processes import is_first_process
from hatetinyllm.training.batches import batches_after, steps_of
from hatetinyllm.training.checkpoint import Checkpoints, Place
from hatetinyllm.training.flops import work_of
from hatetinyllm.training.heads import balanced_weights
from hatetinyllm.training.judge import judge_rows
from hatetinyllm.training.lower import ANEW, Lower, lower_of
from hatetinyllm.training.optim import loss_of, make_optimiser, rate_at, whole_weights
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned, learning
from hatetinyllm.types import Count, Head, NonNegative, Positive, Result, Seed, Share, Whole


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


def learn(
    tuned: Tuned,
    rows: Rows,
    dev: Rows,
    heads: Sequence[Head],
    checkpoints: Checkpoints,
    *,
    epochs: Count = 3,  # times every text is seen
    batch_size: Count = 8,  # texts in an optimiser step, over all processes
    parts: Count = 1,  # parts a batch is worked in, to save memory; changes no result
    learning_rate: Positive = 2e-4,  # at its highest
    weight_decay: NonNegative = 0.001,  # of matrices; vectors do not decay
    warmup_share: Share = 0.03,  # share of the steps in which the learning rate climbs
    clip_norm: NonNegative = 1.0,  # longest gradient, 0 for any
    label_weights: Literal["equal", "balanced"] = "equal",  # balanced: rare labels count more
    judge_every: Whole = 0,  # steps between judgements of the dev part, 0 for once an epoch
    patience: Whole = 0,  # stop after so many judgements without a better one, 0 to go on
    save_every: Count = 200,  # steps between checkpoints; every judgement saves one too
    keep: Count = 2,  # checkpoints that are kept
    seed: Seed = 42,  # of the order of texts and of dropout
    precision: Literal["fp32", "bf16"] = "fp32",  # of the arithmetic; weights that learn stay in 32 bits
    device: Literal["auto", "cpu"] = "auto",  # auto takes a GPU where there is one
    threads: Whole = 0,  # of the CPU, 0 for torch's own choice; a small net is fastest on 1
    frozen_blocks: Whole = 0,  # so many of the lowest blocks do not learn; what they give is worked out once and kept on disk
    layout: Literal["packed", "padded"] = "packed",  # packed: texts in one row, where the net proves that it may
    tracker: Literal["none", "tensorboard", "wandb", "mlflow", "trackio"] = "none",  # is told the figures of every step
) -> Iterator[Step]:
    """Train a tuned net, from its last checkpoint if there is one; at the end the net holds its best weights."""
    AcceleratorState._reset_state(reset_partial_state=is_first_process() and not torch.distributed.is_initialized())
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision="no" if precision == "fp32" else precision)
    freeze_below(tuned.net, frozen_blocks)
    learns = learning(tuned.net)
    adamw = make_optimiser(learns, learning_rate=learning_rate, weight_decay=weight_decay)
    net, optimiser = accelerator.prepare(tuned.net, adamw)
    weights = balanced_weights(rows.truth, heads) if label_weights == "balanced" else (None,) * len(heads)
    lengths = rows.lengths
    steps = steps_of(lengths, batch_size, epochs)
    judge_every = judge_every or steps // epochs
    accelerator.wait_for_everyone()  # the first process may still be making room
    with (
        on_threads(threads),
        _laid(tuned, layout) as laid,
        lower_of(tuned, rows, checkpoints, laid, frozen_blocks=frozen_blocks, precision=precision) as lower,
    ):
        work = work_of(tuned.net, frozen_blocks=frozen_blocks if lower else 0)
        torch.manual_seed(seed)
        place = checkpoints.restore(learns, adamw) or Place(step=0)
        notes = laid.notes if lower or not frozen_blocks else (*laid.notes, ANEW)
        if accelerator.process_index:  # each process drops out other weights; the first one's chance is the checkpoint's
            torch.manual_seed(seed + place.step + 1_000_003 * accelerator.process_index)
        for epoch, batch in batches_after(place.step, lengths, batch_size, epochs, seed=seed):
            if patience and place.waited >= patience:
                break
            began = time.perf_counter()
            rate = rate_at(place.step, steps, learning_rate=learning_rate, warmup_share=warmup_share)
            loss = _work(accelerator, net, rows, batch, heads, weights, parts, laid, lower)
            if not math.isfinite(loss):
                raise TrainingError(
                    f"the loss is {loss} at step {place.step + 1}", [_rows_of(rows, batch), "lower train.learning_rate"]
                )
            _descend(accelerator, net, optimiser, rate, clip_norm)
            seconds, tokens = time.perf_counter() - began, sum(lengths[row] for row in batch)
            place = replace(place, step=place.step + 1)
            last = place.step == steps
            judges = len(dev) and (last or place.step % judge_every == 0)
            judged = judge_rows(tuned.net, dev, heads, name="dev", lay=laid.given) if judges else None
            place = _placed(place, judged) if judged else place
            best = judged is not None and place.best_step == place.step
            step = Step(
                number=place.step,
                of=steps,
                epoch=epoch + 1,
                loss=loss,
                learning_rate=rate,
                texts_per_s=len(batch) / seconds,
                texts=len(batch),
                tokens=tokens,
                seconds=seconds,
                flops=work.flops(texts=len(batch), tokens=tokens, last_only=laid.last_only),
                notes=notes,
                dev=judged,
                best=best,
            )
            notes = ()
            # Saved after the caller had the step: a log then knows every step a checkpoint knows, and a kill between loses none.
            save = judged is not None or last or place.step % save_every == 0
            try:
                yield step
            except GeneratorExit:
                save = True  # the caller walks away: what is done is kept
                raise
            finally:
                if save and accelerator.is_main_process:
                    if best:
                        checkpoints.save_best(place.step, learns)
                    checkpoints.save(place, learns, adamw, keep=keep)
    accelerator.wait_for_everyone()
    checkpoints.restore_best(place, learns)
    accelerator.unwrap_model(net, keep_fp32_wrapper=False)  # takes autocast off: the net is judged as it will be served
    accelerator.free_memory()


@contextmanager
def _laid(tuned: Tuned, layout: str) -> Iterator[Layout]:
    """How texts are laid before the net while this is open; afterwards it is as it is served."""
    if layout == "padded":
        yield Layout()
        return
    with packed(tuned.net, virtual_tokens=tuned.virtual_tokens) as proved:
        yield proved


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """So many threads inside the block, 0 for as many as there are; torch keeps one number for the whole process."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _work(
    accelerator: Accelerator,
    net: nn.Module,
    rows: Rows,
    batch: Sequence[int],
    heads: Sequence[Head],
    weights: Sequence[Tensor | None],
    parts: int,
    layout: Layout,
    lower: Lower | None = None,
) -> float:
    """Gradients of one batch; this process works its share of it, in parts. Returns the loss of the whole batch."""
    net.train()
    wholes = whole_weights(rows.truth.of(batch), heads, weights)
    share = batch[accelerator.process_index :: accelerator.num_processes]
    size = math.ceil(len(batch) / accelerator.num_processes / parts)
    pieces = [share[first : first + size] for first in range(0, len(share), size)] or [[]]
    on_device = [None if weight is None else weight.to(accelerator.device) for weight in weights]
    total = torch.zeros((), device=accelerator.device)
    for index, piece in enumerate(pieces):
        # A process whose share is empty still works a row, at weight nothing: the others wait for its gradients.
        chosen = piece or batch[:1]
        given = layout.given([rows.windows[row][0] for row in chosen], accelerator.device)
        given = lower.begun(given, chosen) if lower else given
        truth = [answers.to(accelerator.device) for answers in rows.truth.of(chosen)]
        with accelerator.no_sync(net) if index + 1 < len(pieces) else nullcontext():
            with accelerator.autocast():
                logits = net(*given)
            loss = loss_of(logits, truth, heads, on_device, wholes) * (1 if piece else 0)
            accelerator.backward(loss * accelerator.num_processes)
        total += loss.detach()
    summed: Tensor = accelerator.reduce(total, reduction="sum")
    return float(summed)


def _descend(accelerator: Accelerator, net: nn.Module, optimiser: torch.optim.Optimizer, rate: float, clip_norm: float) -> None:
    """One step down the gradients at this learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    if clip_norm:
        accelerator.clip_grad_norm_(net.parameters(), clip_norm)
    optimiser.step()
    optimiser.zero_grad()


def _placed(place: Place, judged: Result) -> Place:
    """The place after a judgement: a better macro-F1 is a new best, anything else is waited out."""
    score = judged.metrics["macro_f1"] or 0.0
    if score > place.best_score:
        return Place(step=place.step, best_step=place.step, best_score=score)
    return replace(place, waited=place.waited + 1)


def _rows_of(rows: Rows, batch: Sequence[int]) -> str:
    return "rows of the batch: " + ", ".join(rows.examples[row].id for row in batch)
