"""
A net made ready to learn: on its device, in its precision, with its layout, whatever takes part in a step beside it.

Everything here is undone when training is over: the net is then judged, merged and saved as it will be served.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType
from torch import distributed, nn
from torch.utils.checkpoint import checkpoint

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.grid import fits_grid
from hatetinyllm.models.packed import Layout, packed
from hatetinyllm.models.readout import Readout
from hatetinyllm.processes import is_first_process
from hatetinyllm.training.allocator import keep_freed_memory
from hatetinyllm.training.checkpoint import Checkpoints
from hatetinyllm.training.compiler import require_compiler
from hatetinyllm.training.flops import Work, work_of
from hatetinyllm.training.goals import Goals
from hatetinyllm.training.lower import ANEW, Lower, lower_of
from hatetinyllm.training.optim import make_optimiser, shares_of
from hatetinyllm.training.precision import drift, halved, lacks_room, probe
from hatetinyllm.training.rows import Rows
from hatetinyllm.training.sharding import choose_sharding, forget_gathered, is_sharded, make_whole
from hatetinyllm.training.together import several
from hatetinyllm.tuning.tune import Tuned, learning
from hatetinyllm.types import Head

JUDGED = "while the net learns, the dev part is judged so too; in the end it has its own weights back"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a step is worked on, the same for the whole of a run."""

    accelerator: Accelerator
    net: nn.Module
    learns: Mapping[str, nn.Parameter]
    optimiser: torch.optim.Optimizer
    layout: Layout
    lower: Lower | None
    work: Work
    rows: Rows
    heads: Sequence[Head]
    goals: Goals
    focal: float
    clip_norm: float
    sharded: bool  # each process holds but a share of every weight
    notes: tuple[str, ...]  # what its user must be told

    def given(self, rows: Sequence[int]) -> tuple[Any, ...]:
        """What the net is called with to read these rows."""
        laid = self.layout.given([self.rows.windows[row][0] for row in rows], self.accelerator.device)
        return self.lower.begun(laid, rows) if self.lower else laid


@contextmanager
def bench_of(
    tuned: Tuned,
    rows: Rows,
    heads: Sequence[Head],
    checkpoints: Checkpoints,
    *,
    goals: Goals,
    learning_rate: float,
    weight_decay: float,
    layer_rate: float,
    focal: float,
    clip_norm: float,
    precision: str,
    recompute: bool,
    frozen_blocks: int,
    layout: str,
    device: str,
) -> Iterator[Bench]:
    """While open, a tuned net is ready to learn."""
    net, shares = tuned.net, shares_of(tuned.net, layer_rate)
    accelerator = _accelerator(net, device, precision)
    if accelerator.device.type == "cpu":
        keep_freed_memory()
    with ExitStack() as undo:
        notes = undo.enter_context(_in_precision(tuned, rows, heads, accelerator, precision))
        optimiser = make_optimiser(
            learning(net), learning_rate=learning_rate, weight_decay=weight_decay, shares=shares, fused=True
        )
        undo.enter_context(_prepared(net, optimiser, accelerator))
        if recompute:
            undo.enter_context(recomputed(tuned))
        laid = undo.enter_context(_laid(tuned, layout))
        kept = lower_of(tuned, rows, checkpoints, laid, frozen_blocks=frozen_blocks, precision=precision)
        lower = undo.enter_context(kept)
        told = notes()
        work = work_of(net, frozen_blocks=frozen_blocks if lower else 0, by_hand=laid.by_hand)
        forget_gathered(net)
        net.train()
        yield Bench(
            accelerator=accelerator,
            net=net,
            learns=learning(net),
            optimiser=optimiser,
            layout=laid,
            lower=lower,
            work=work,
            rows=rows,
            heads=heads,
            goals=goals,
            focal=focal,
            clip_norm=clip_norm,
            sharded=is_sharded(net),
            notes=(*laid.notes, *([] if lower or not frozen_blocks else [ANEW]), *told),
        )


def _accelerator(net: nn.Module, device: str, precision: str) -> Accelerator:
    AcceleratorState._reset_state(reset_partial_state=is_first_process() and not distributed.is_initialized())
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision="no" if precision == "fp32" else "bf16")
    choose_sharding(accelerator, net)
    return accelerator


@contextmanager
def _in_precision(
    tuned: Tuned, rows: Rows, heads: Sequence[Head], accelerator: Accelerator, precision: str
) -> Iterator[Callable[[], tuple[str, ...]]]:
    """Weights that do not learn are in the precision asked for; yields who tells what that changes, once the net is ready."""
    if precision != "bf16-frozen":
        yield tuple
        return
    if accelerator.distributed_type == DistributedType.FSDP:
        raise TrainingError("train.precision = 'bf16-frozen' does not go with FSDP", ["take 'bf16'"])
    net = tuned.net
    if not lacks_room(accelerator.device, sum(parameter.nbytes for parameter in net.parameters())):
        net.to(accelerator.device)
    before = probe(net, rows)
    with halved(net) as held:
        yield lambda: (f"{held}: {drift(before, probe(net, rows), headline=len(heads[0].labels))}; {JUDGED}",)


@contextmanager
def _prepared(net: nn.Module, optimiser: torch.optim.Optimizer, accelerator: Accelerator) -> Iterator[None]:
    """
    The net on its device, under autocast where asked for, sharded under FSDP.

    Not wrapped for DDP: its processes add their gradients up when all parts of a batch are worked (see step.py).
    """
    if accelerator.distributed_type == DistributedType.FSDP:
        accelerator.prepare(net, optimiser)
    else:
        accelerator.prepare_model(net, evaluation_mode=True)
        if several():
            for parameter in net.parameters():
                distributed.broadcast(parameter.data, 0)
    try:
        yield
    finally:
        accelerator.unwrap_model(net, keep_fp32_wrapper=False)  # takes autocast off
        accelerator.free_memory()
        vars(net).pop("_is_accelerate_prepared", None)  # which would keep the next one from making it ready
    make_whole(net)


@contextmanager
def recomputed(tuned: Tuned) -> Iterator[None]:
    """While open, activations within a block are not kept for the gradients but worked out again, dropout included."""
    assert isinstance(tuned.net, Readout)
    decoder: Any = tuned.net.decoder
    if tuned.virtual_tokens:  # Transformers drops the past, and with it the prefix
        raise TrainingError("train.recompute does not go with a prefix before the text", ["take recompute = false"])
    if not getattr(decoder, "supports_gradient_checkpointing", False):
        raise TrainingError(f"train.recompute: a {decoder.config.model_type} cannot work its activations out again")
    # What stands under both public names of this, one new and one on its way out; they also ask for gradients of the embeddings.
    decoder._set_gradient_checkpointing(True, partial(checkpoint, use_reentrant=False))
    try:
        yield
    finally:
        decoder._set_gradient_checkpointing(False)


@contextmanager
def _laid(tuned: Tuned, layout: str) -> Iterator[Layout]:
    """How texts are laid before the net."""
    if layout == "padded":
        yield Layout()
        return
    if layout == "rows":
        yield _in_rows(tuned)
        return
    with packed(tuned.net, virtual_tokens=tuned.virtual_tokens) as proved:
        yield proved


def _in_rows(tuned: Tuned) -> Layout:
    """Blocks on the grid: for a decoder of the kind that is tuned in full, as an adapter stands between its products."""
    assert isinstance(tuned.net, Readout)
    if tuned.virtual_tokens or not fits_grid(tuned.net.decoder):
        kind = tuned.net.config.model_type
        hints = ["take layout = 'packed'", "rows want a plain Llama or Mistral, and tuning 'full' or 'head'"]
        raise TrainingError(f"train.layout = 'rows': the blocks of this {kind} cannot be worked on a grid", hints)
    require_compiler(tuned.net.device)
    return Layout(in_rows=True)
