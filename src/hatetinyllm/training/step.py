"""
One step: the gradients of a batch, worked in parts and by several processes, and the way down them.

The loss is the mean over the batch however it is worked. Where memory runs out, the step is begun again in twice as many parts
with the random numbers it began with; the processes of a run agree on that, since each would wait for the others for ever.
"""

import gc
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import torch
from torch import Tensor, distributed, nn

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.packing import parts_of
from hatetinyllm.training.bench import Bench
from hatetinyllm.training.goals import loss_of
from hatetinyllm.training.optim import set_rate
from hatetinyllm.training.sharding import gathered
from hatetinyllm.training.together import several

SUMMED_NUMBERS = 1 << 24  # numbers of gradients that processes add up at once
NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
SMALLER = [
    "lower text.max_tokens",
    "take train.recompute = true",
    "take train.precision = 'bf16-frozen'",
    "choose a smaller model",
]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A step that was taken."""

    loss: float
    parts: int  # the batch was worked in
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A batch that was worked, or could not be: then its gradients are worth nothing."""

    loss: float
    norm: float  # of the gradient, before it was clipped
    failed: bool
    alone: bool  # memory did not even suffice for a single text


def take_step(bench: Bench, batch: Sequence[int], *, number: int, rate: float, parts: int) -> Taken:
    """Learn from a batch; where memory does not suffice, in more parts than these."""
    device, asked = bench.accelerator.device, parts
    chance = _chance(device)
    while (attempt := work(bench, batch, parts)).failed:
        bench.optimiser.zero_grad()
        if attempt.alone:
            raise TrainingError(f"memory does not suffice for a single text, at step {number}", SMALLER)
        _free(device)
        _set_chance(device, chance)
        parts *= 2
    _refuse(bench, batch, attempt, number)
    set_rate(bench.optimiser, rate)
    _descend(bench, number)
    notes = (_in_parts(bench, batch, parts, number),) if parts > asked else ()
    return Taken(loss=attempt.loss, parts=parts, notes=notes)


def work(bench: Bench, batch: Sequence[int], parts: int) -> Attempt:
    """Gradients of one batch, the same in every process, and no longer than allowed; each process works its share in parts."""
    total, failed, alone = torch.zeros((), device=bench.accelerator.device), False, False
    for piece in _pieces(bench, batch, parts):
        try:
            total += _work_piece(bench, piece, batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if bench.sharded:  # the others are in the middle of an exchange
                raise TrainingError(
                    "memory does not suffice, and under FSDP no step can be begun again", ["raise train.parts"]
                ) from error
            failed, alone = True, len(piece) <= 1
            break
    flags: list[Tensor] = []
    if several():
        told = torch.stack([total, *total.new_tensor([failed, alone])])
        distributed.all_reduce(told)
        total, *flags = told
        if not bench.sharded:
            sum_gradients(list(bench.learns.values()))
    norm = gathered(nn.utils.clip_grad_norm_(bench.learns.values(), bench.clip_norm or math.inf))
    loss, length, *any_of = torch.stack([total, norm.to(total.device), *flags]).tolist()  # the one time a device is waited for
    return Attempt(loss=loss, norm=length, failed=any([failed, *any_of]), alone=any([alone, *any_of[1:]]))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there is no more memory; a CPU has but words for it."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error) for words in NO_MEMORY)


def _pieces(bench: Bench, batch: Sequence[int], parts: int) -> list[Sequence[int]]:
    """This process's share of a batch in parts of about as many tokens; some are empty where another process has more."""
    count, lengths = bench.accelerator.num_processes, bench.rows.lengths
    shares = [batch[first::count] for first in range(count)]
    parted = [parts_of([lengths[row] for row in share], parts) for share in shares]
    own, mine = bench.accelerator.process_index, parted[bench.accelerator.process_index]
    return [[]] * (max(map(len, parted)) - len(mine)) + [shares[own][piece.start : piece.stop] for piece in mine]


def _work_piece(bench: Bench, piece: Sequence[int], batch: Sequence[int]) -> Tensor:
    """Add the gradients of some rows up, and give their loss; one that is empty works a row for nothing, as FSDP waits for it."""
    chosen = piece or batch[:1]
    wanted = bench.goals.of(chosen, batch) * (1 if piece else 0)
    logits = bench.net(*bench.given(chosen))
    loss = loss_of(logits, wanted.to(logits.device), bench.heads, focal=bench.focal)
    (loss * bench.accelerator.num_processes if bench.sharded else loss).backward()  # FSDP takes the mean over processes
    return loss.detach()


def sum_gradients(learns: Sequence[nn.Parameter]) -> None:
    """Add the gradients of all processes up, many in one exchange; one that failed gives nothing and takes part."""
    without = [parameter for parameter in learns if parameter.grad is None]
    for parameter in without:
        parameter.grad = torch.zeros_like(parameter)
    gradients = [parameter.grad for parameter in learns if parameter.grad is not None]
    ends = accumulate(gradient.numel() for gradient in gradients)
    for _, numbered in groupby(zip(ends, gradients, strict=True), key=lambda each: (each[0] - 1) // SUMMED_NUMBERS):
        some = [gradient for _, gradient in numbered]
        joined = torch.cat([gradient.flatten() for gradient in some])
        distributed.all_reduce(joined)
        for gradient, part in zip(some, torch.split(joined, [gradient.numel() for gradient in some]), strict=True):
            gradient.copy_(part.view_as(gradient))
    for parameter in without:  # nothing reads it, in any process: it does not decay either
        parameter.grad = None


def _refuse(bench: Bench, batch: Sequence[int], attempt: Attempt, number: int) -> None:
    """A step that would destroy the weights is not taken."""
    if math.isfinite(attempt.loss) and math.isfinite(attempt.norm):
        return
    what = "gradient" if math.isfinite(attempt.loss) else "loss"
    size = attempt.norm if math.isfinite(attempt.loss) else attempt.loss
    rows = "rows of the batch: " + ", ".join(bench.rows.examples[row].id for row in batch)
    raise TrainingError(f"the {what} is {size} at step {number}", [rows, "lower train.learning_rate"])


def _descend(bench: Bench, number: int) -> None:
    """Down the gradients; the first time the optimiser makes its own numbers."""
    try:
        bench.optimiser.step()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise TrainingError(
            f"memory does not suffice for the optimiser, at step {number}", ["let fewer weights learn"]
        ) from error
    bench.optimiser.zero_grad()


def _in_parts(bench: Bench, batch: Sequence[int], parts: int, number: int) -> str:
    tokens = max(sum(bench.rows.lengths[row] for row in piece) for piece in _pieces(bench, batch, parts))
    return (
        f"memory ran out at step {number}: a batch is worked in {parts} parts from now on, this one by {tokens:,} tokens at most"
    )


def _chance(device: torch.device) -> tuple[Tensor, ...]:
    """Where the random numbers stand that dropout draws from."""
    return (torch.get_rng_state(), *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else []))


def _set_chance(device: torch.device, chance: Sequence[Tensor]) -> None:
    torch.set_rng_state(chance[0])
    for state in chance[1:]:
        torch.cuda.set_rng_state(state, device)


def _free(device: torch.device) -> None:
    """Give back what a step that failed has left behind."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
