"""
What a piece of work on tensors without numbers comes to: the operations it does, and what it holds at once.

Every call into the kernels is noted with the form of its arguments, so that it can be done for real later, and the memory of
every tensor from its making to its end.
"""

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map
from torch.utils.flop_counter import flop_registry

ENDLESS = 1 << 62  # a place nothing reaches


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


def noted(net: nn.Module, work: Callable[[], None], also_held: Sequence[Tensor] = ()) -> Work:
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
        if function is torch.ops.aten._local_scalar_dense.default and args[0].dtype is torch.int64:
            return ENDLESS  # how many weights are dropped out is asked of chance: as many as there are draws
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
            packet = function._overloadpacket
            name = packet.__name__.removesuffix("_")  # torch counts a product that is written in place no more than a sum
            count = flop_registry.get(packet) or flop_registry.get(getattr(torch.ops.aten, name, None))
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
