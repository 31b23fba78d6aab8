"""What the processes of one run agree on (`torchrun`, `accelerate launch`); a process that is alone asks nobody."""

from datetime import timedelta

import torch
from accelerate import PartialState
from accelerate.utils import wait_for_everyone
from torch import distributed

LEAVE_S = 20.0  # a launcher kills what has not ended half a minute after the first process did


def several() -> bool:
    """Whether this process works with others; they meet when training begins."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def share_of_work() -> tuple[int, int]:
    """Which process this is, from 0, and of how many."""
    return (distributed.get_rank(), distributed.get_world_size()) if several() else (0, 1)


def any_asks(asked: bool) -> bool:
    """Whether any process asks for something; each must ask this at the same place."""
    return bool(highest(float(asked)))


def all_same(number: int) -> bool:
    """Whether every process has this number; each must ask this at the same place."""
    return highest(float(number)) == -highest(-float(number))


def wait_for_all() -> None:
    """Go on when every process has come here."""
    if several():
        wait_for_everyone()


def all_leave(place: str) -> bool:
    """
    Whether every process leaves its work here, as they do when a run is stopped; waits for the others a while.

    For a process that may be alone in leaving, by an error of its own. The others then wait for it in the middle of a step:
    no exchange of tensors can ask them, since they would take it for the one they wait for.
    """
    if not several():
        return True
    store = distributed.distributed_c10d._get_default_store()
    rank, count = distributed.get_rank(), distributed.get_world_size()
    time = store.add(f"leave/{place}/{rank}", 1)  # another run in the same processes may have left there too
    store.set(f"leave/{place}/{rank}/{time}", "1")
    try:
        store.wait([f"leave/{place}/{other}/{time}" for other in range(count)], timedelta(seconds=LEAVE_S))
    except (distributed.DistStoreError, RuntimeError):
        return False
    return True


def highest(number: float) -> float:
    """The highest of the numbers that the processes have; each must ask this at the same place."""
    if not several():
        return number
    told = torch.tensor(number, dtype=torch.float64, device=PartialState().device)
    distributed.all_reduce(told, distributed.ReduceOp.MAX)
    return float(told)
