"""
The lowest blocks of a decoder that do not learn: nothing before a block changes, so what enters it need be worked out once.

A packing may carry what enters a block; a net that was made ready for it then begins at that block. The decoder around the
blocks (embeddings, rotary positions, last norm) is called as ever, whatever its architecture does there: what it hands to its
lowest block is let go. Dropout below the block is off for good. Whether a net can begin there is asked of the net itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from hatetinyllm.errors import ModelError
from hatetinyllm.models.last_tokens import blocks_of
from hatetinyllm.models.packed import TOLERANCE
from hatetinyllm.models.packing import Packing, pack
from hatetinyllm.models.readout import Readout, Window

# What decoders call that which follows their blocks; all else beside the blocks comes before them.
AFTER = frozenset({"norm", "norm_f", "ln_f", "final_norm", "final_layer_norm", "final_layernorm", "layer_norm", "project_out"})
READOUT = "score"


class _Entered(Exception):
    """The block was reached, and needs not be worked."""


def freeze_below(net: nn.Module, count: int) -> None:
    """Let nothing learn that comes before this block, counted from 0; before the lowest one nothing is frozen at all."""
    if not count:
        return
    assert isinstance(net, Readout)
    blocks = _blocks(net, count)
    below, above = ({id(part) for block in side for part in block.parameters()} for side in (blocks[:count], blocks[count:]))
    _refuse(net, shared=bool(below & above))
    for name, parameter in net.decoder.named_parameters():
        follows = id(parameter) in above or not AFTER.isdisjoint(name.split("."))
        if id(parameter) in below or not follows:
            parameter.requires_grad_(False)


def _blocks(net: Readout, count: int) -> nn.ModuleList:
    kind, blocks = net.config.model_type, blocks_of(net.decoder)
    if blocks is None:
        raise ModelError(f"train.frozen_blocks is {count}, but the blocks of a {kind} are not found", ["take 0"])
    if not 0 <= count < len(blocks):
        hint = f"take at most {len(blocks) - 1}; for a readout that learns alone there is the tuning 'head'"
        has = f"{len(blocks)} blocks" if len(blocks) > 1 else "a single block"
        raise ModelError(f"train.frozen_blocks is {count}, and the model has {has}", [hint])
    return blocks


def _refuse(net: Readout, *, shared: bool) -> None:
    """What learns must be of one block, or after all of them."""
    roots = {name.partition(".")[0] for name, parameter in net.named_parameters() if parameter.requires_grad}
    problems = [f"the tuning's {root!r} is read by every block" for root in sorted(roots - {net.decoder_name, READOUT})]
    problems += [f"a {net.config.model_type} has one set of weights for several blocks"] if shared else []
    if problems:
        raise ModelError("train.frozen_blocks cannot freeze some blocks and leave the others to learn", problems)


@contextmanager
def begun_at(net: Readout, count: int) -> Iterator[None]:
    """While open, a packing that carries what enters this block is worked from there on; any other goes through all blocks."""
    with ExitStack() as undo:
        for index, block in enumerate(_blocks(net, count)[: count + 1]):
            before, own = block.forward, "forward" in vars(block)
            block.forward = _begin(before) if index == count else _pass_on(before)
            undo.callback(setattr, block, "forward", before) if own else undo.callback(delattr, block, "forward")
        yield


def _pass_on(forward: Callable[..., Any]) -> Callable[..., Any]:
    """A block below, which has nothing to do where what it leads to is carried."""

    def work(*given: Any, **named: Any) -> Any:
        return forward(*given, **named) if _carried(named) is None else given[0]

    return work


def _begin(forward: Callable[..., Any]) -> Callable[..., Any]:
    """The lowest block that is worked, which takes what is carried in the place of what it is given."""

    def work(*given: Any, **named: Any) -> Any:
        carried = _carried(named)
        if carried is not None:
            given = (carried.to(given[0].dtype), *given[1:])
        return forward(*given, **named)

    return work


def _carried(named: Mapping[str, Any]) -> Tensor | None:
    packing: Packing | None = named.get("packing")
    return packing.entering if packing else None


@torch.no_grad()
def entering(net: Readout, count: int, packing: Packing) -> Tensor:
    """What enters this block, (1, T, width), by a net that reads packings; it and the blocks above it are not worked."""
    found: list[Tensor] = []

    def stop(block: nn.Module, given: tuple[Any, ...]) -> None:
        found.append(given[0])
        raise _Entered

    hook, training = _blocks(net, count)[count].register_forward_pre_hook(stop), net.training
    net.eval()
    try:
        net(packing)
    except _Entered:
        return found[0]
    finally:
        hook.remove()
        net.train(training)
    raise AssertionError("every block is worked")


def why_not_begun_at(
    net: Readout, count: int, windows: Sequence[Window], *, kind: torch.dtype, carried: Tensor | None = None
) -> str:
    """
    What keeps a net that reads packings from beginning at this block; empty where it gives these texts the same logits.

    `kind` is the format of numbers in which what enters the block is kept, `carried` what was kept of these texts.
    """
    if getattr(net.config, "layerdrop", 0):
        return "some of its blocks are left out by chance while it learns"
    packing, training = pack(windows, net.device), net.training
    net.eval()
    try:
        with torch.no_grad(), begun_at(net, count):
            carried = entering(net, count, packing).to(kind) if carried is None else carried
            whole = net(packing)
            net(pack([windows[0][:1]], net.device))  # what blocks may leave for one another is of another text now
            begun = net(replace(packing, entering=carried))
    except (RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
        return (str(error).strip() or type(error).__name__).splitlines()[0]
    finally:
        net.train(training)
    change = float((begun - whole).abs().max() / whole.abs().max().clamp(min=1))
    allowed = max(TOLERANCE.get(one, 0.0) for one in {kind, *(parameter.dtype for parameter in net.parameters())})
    return "" if change <= allowed else f"logits change by {change:.2g}, allowed is {allowed:g}"
