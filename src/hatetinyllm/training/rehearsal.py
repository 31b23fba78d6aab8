"""
A step of training rehearsed without numbers: what it would hold in memory, and what it would compute.

Every operation is run on tensors that have a shape and no content (torch's fake tensors), so nothing is allocated and a
net of seven billion weights takes seconds. What is noted is the graph itself, so it holds for a decoder of any shape, any
tuning and every precision. The kernels are those of a CPU; a graphics card's keep a little more or less.

Texts are learnt from as the loop lays them: packed where the net can be called so, with its last block for the last tokens
alone. Whether it answers rightly then, which the loop asks the net itself, cannot be seen without numbers.
"""

import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map
from torch.utils.flop_counter import flop_registry

from hatetinyllm.models.attention import SEGMENTS, register
from hatetinyllm.models.last_tokens import attention_within, blocks_of, last_tokens_only
from hatetinyllm.models.packing import Packing, pack
from hatetinyllm.models.readout import Readout
from hatetinyllm.training.optim import make_optimiser
from hatetinyllm.tuning.tune import learning


@dataclass(frozen=True, kw_only=True)
class Block:
    """So many texts, each of so many tokens."""

    texts: int
    tokens: int


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a net learns from a block."""

    halved: bool = False  # the arithmetic is in 16 bits
    packs: bool = True  # texts stand in one row, if the net can be called so
    recompute: bool = False  # what a block of the net worked out is worked out again for the gradients


@dataclass(frozen=True, kw_only=True)
class Form:
    """All there is to know of a tensor but its numbers."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: torch.dtype


@dataclass(kw_only=True)
class Operation:
    """One kind of call into the kernels: which, on tensors of which form, and how often."""

    function: Any
    arguments: Any  # positional and named, a `Form` in the place of each tensor
    flops: int  # of one call, where it is a product of matrices
    size: int  # bytes of one call, read and written
    times: int = 0


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a piece of work does, and the most it holds at once beside what was held before."""

    operations: tuple[Operation, ...]
    calls: int  # of all operations, those included that only look at a tensor another way
    peak_bytes: int

    @property
    def flops(self) -> int:
        """Of all products of matrices."""
        return sum(operation.flops * operation.times for operation in self.operations)


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The pieces a run is made of."""

    learnt: Work  # a block read, and its gradients
    descended: Work  # a step down the gradients
    read: Work  # a block read to be judged
    packed: bool  # texts stood in one row while they were learnt from


def rehearse(net: nn.Module, *, learnt: Block, read: Block, manner: Manner) -> Rehearsal:
    """
    Learn from one block, and read another, padded, as judging does, in the precision of the weights.

    The net lies on the meta device, is changed in place, and is of no use afterwards.
    """
    assert isinstance(net, Readout)
    packing = _pack(learnt)
    with FakeTensorMode() as mode:
        _give_forms(net)
        given: tuple[Any, ...] = _batch(learnt)
        with ExitStack() as undo:
            if packed := manner.packs and _is_made_ready(net, faked := _without_numbers(packing, mode), undo):
                given = (faked,)
            if manner.recompute:
                decoder: Any = net.decoder
                decoder.activation_checkpointing_enable()
            learn = _noted(net, lambda: _learn(net, given, manner))
        optimiser = make_optimiser(learning(net), learning_rate=1e-3, weight_decay=1e-3)
        optimiser.step()  # the first one makes its state
        state = [tensor for held in optimiser.state.values() for tensor in held.values()]
        descend = _noted(net, lambda: _descend(net, optimiser), also_held=state)
        optimiser.zero_grad()
        return Rehearsal(learnt=learn, descended=descend, read=_noted(net, lambda: _read(net, read)), packed=packed)


def _pack(block: Block) -> Packing:
    """One text lacks a token: texts of one length would stand in the row as attention wants them, and nothing be moved."""
    short = max(1, block.tokens - 1)
    return pack([[0] * short, *[[0] * block.tokens] * (block.texts - 1)])


def _without_numbers(packing: Packing, mode: FakeTensorMode) -> Packing:
    faked: dict[str, Any] = {name: mode.from_tensor(part) for name, part in vars(packing).items() if isinstance(part, Tensor)}
    return replace(packing, **faked)


def _is_made_ready(net: Readout, packing: Packing, undo: ExitStack) -> bool:
    """Set the net to take packings as `models/packed.py` does, if it takes one; its last block for the last tokens if it can."""
    register()
    before = net.config._attn_implementation
    net.config._attn_implementation = SEGMENTS
    if not _takes(net, packing):
        net.config._attn_implementation = before
        return False
    undo.callback(setattr, net.config, "_attn_implementation", before)
    blocks = blocks_of(net.decoder)
    part = attention_within(blocks[-1]) if blocks else None
    if blocks is None or part is None:
        return True
    for spread in (False, True):
        with ExitStack() as tried:
            tried.enter_context(last_tokens_only(blocks[-1], part, spread=spread))
            if _takes(net, packing):
                undo.push(tried.pop_all())
                break
    return True


def _takes(net: Readout, packing: Packing) -> bool:
    """Whether the net can be called with a packing, and answers for each text."""
    net.eval()
    try:
        with torch.no_grad():
            return len(net(packing)) == packing.texts
    except (RuntimeError, TypeError, ValueError, NotImplementedError, IndexError, AttributeError):
        return False


def _learn(net: nn.Module, given: tuple[Any, ...], manner: Manner) -> None:
    net.train()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=manner.halved):
        logits = net(*given)
    logits.logsumexp(dim=-1).sum().backward()  # as large as any loss of ours


def _descend(net: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()


def _read(net: nn.Module, block: Block) -> None:
    net.eval()
    halved = any(parameter.dtype is torch.bfloat16 for parameter in net.parameters())
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=halved):
        net(*_batch(block))


def _batch(block: Block) -> tuple[Tensor, Tensor]:
    return torch.zeros(block.texts, block.tokens, dtype=torch.long), torch.full((block.texts,), block.tokens)


def _give_forms(net: nn.Module) -> None:
    """Put a fake tensor in the place of every weight; what is shared stays shared."""
    made: dict[int, Tensor] = {}
    for module in net.modules():
        for held in (module._parameters, module._buffers):
            named: dict[str, Any] = held
            for name, tensor in named.items():
                if tensor is not None:
                    if id(tensor) not in made:
                        made[id(tensor)] = _alike(tensor)
                    named[name] = made[id(tensor)]


def _alike(tensor: Tensor) -> Tensor:
    empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
    return nn.Parameter(empty, requires_grad=tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty


def _noted(net: nn.Module, work: Callable[[], None], also_held: Sequence[Tensor] = ()) -> Work:
    """What a piece of work comes to; what is held already does not count."""
    own: list[Tensor] = [*net.parameters(), *net.buffers(), *also_held]
    own += [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
    ledger = _Ledger({tensor.untyped_storage()._cdata for tensor in own})
    with ledger:
        work()
    return Work(operations=tuple(ledger.operations.values()), calls=ledger.calls, peak_bytes=ledger.peak_bytes)


class _Ledger(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes each operation, what it brings into memory, and what leaves it."""

    def __init__(self, held: set[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations: dict[Any, Operation] = {}
        self.calls = self.peak_bytes = 0
        self._now = 0
        self._known = set(held)

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Run the operation, and note it unless it only asks something of a tensor."""
        made = function(*args, **(kwargs or {}))
        if function.namespace == "aten":
            self.calls += 1
            fresh = [self._enter(tensor) for tensor in tree_iter(made) if isinstance(tensor, Tensor)]
            if any(fresh) or function._schema.is_mutable:
                self._note(function, (args, dict(kwargs or {})), made)
        return made

    def _note(self, function: Any, given: tuple[Any, Any], made: Any) -> None:
        key = (function, _frozen(given))
        if key not in self.operations:
            count = flop_registry.get(function._overloadpacket)
            self.operations[key] = Operation(
                function=function,
                arguments=tree_map(_form_of, given),
                flops=int(count(*given[0], **given[1], out_val=made)) if count else 0,
                size=sum(part.nbytes for part in tree_iter((given, made)) if isinstance(part, Tensor)),
            )
        self.operations[key].times += 1

    def _enter(self, tensor: Tensor) -> int:
        """The bytes of a tensor's storage, nothing for one that is known."""
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key in self._known:
            return 0
        self._known.add(key)
        self._now += size
        self.peak_bytes = max(self.peak_bytes, self._now)
        weakref.finalize(storage, self._leave, key, size)
        return size

    def _leave(self, key: int, size: int) -> None:
        self._known.discard(key)
        self._now -= size


def _form_of(part: Any) -> Any:
    if isinstance(part, Tensor):
        return Form(shape=tuple(part.shape), strides=part.stride(), dtype=part.dtype)
    return part


def _frozen(part: Any) -> Any:
    """Arguments as a key: equal for calls that cost the same."""
    if isinstance(part, Tensor):
        return (*part.shape, None, *part.stride(), part.dtype)
    if isinstance(part, list | tuple):
        return tuple(map(_frozen, part))
    return tuple((name, _frozen(value)) for name, value in part.items()) if isinstance(part, dict) else part
