"""
Nets that are spread over several processes (FSDP): each process keeps a share of every weight, of its gradient and of its
optimiser's numbers. Here such tensors are gathered and filled, and a net is made whole again when training is over.

Every function but `choose_sharding` is called by all processes at the same place: they exchange tensors.
"""

import os
from collections.abc import Iterable
from typing import cast

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy
from torch.distributed.fsdp._fully_shard._fsdp_state import _get_module_fsdp_state
from torch.distributed.tensor import DTensor, distribute_tensor

from hatetinyllm.errors import TrainingError
from hatetinyllm.training.together import any_asks

KNOWN = {DistributedType.NO, DistributedType.MULTI_CPU, DistributedType.MULTI_GPU, DistributedType.FSDP}
ROOM = 1.2  # a card must have so much more memory free than a whole net takes


def choose_sharding(accelerator: Accelerator, net: nn.Module) -> None:
    """
    Make the accelerator ready to shard a net block by block, if its settings say FSDP.

    On CPUs accelerate leaves FSDP out and says nothing; torch can do it there, and tests need no card then.
    """
    state = accelerator.state
    if accelerator.distributed_type == DistributedType.MULTI_CPU and os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true":
        state.distributed_type, state.fsdp_plugin = DistributedType.FSDP, FullyShardedDataParallelPlugin()
    if accelerator.distributed_type not in KNOWN:
        kind = accelerator.distributed_type.value.lower()
        raise TrainingError(f"a net cannot be trained by {kind} here", ["launch the processes for DDP or for FSDP"])
    if accelerator.distributed_type == DistributedType.FSDP:
        if not accelerator.is_fsdp2:
            hint = "set fsdp_version: 2 in the configuration of accelerate, or FSDP_VERSION=2"
            raise TrainingError("FSDP of the first version is not supported", [hint])
        if accelerator.mixed_precision == "bf16":
            # accelerate's own choice adds gradients up in 16 bits and rounds logits to them.
            policy = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
            state.fsdp_plugin.mixed_precision_policy = policy
        blocks = {name for part in net.modules() for name in getattr(part, "_no_split_modules", None) or ()}
        present = {type(part).__name__ for part in net.modules()}
        net._no_split_modules = sorted(blocks & present)  # type: ignore[assignment] # where accelerate looks for them


def is_sharded(net: nn.Module) -> bool:
    """Whether the net's weights are spread over processes; one that was read with may have them all gathered just now."""
    return any(isinstance(part, FSDPModule) for part in net.modules())


def gathered(tensor: Tensor) -> Tensor:
    """All of a tensor, which may be spread; one that is not is given back as it is."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def spread_like(whole: Tensor, like: Tensor) -> Tensor:
    """A whole tensor, which every process has, spread as another one of its shape is; as it is where that one is not."""
    if not isinstance(like, DTensor) or whole.shape != like.shape:
        return whole
    device = like.to_local().device
    # No `src_data_rank`: each process cuts its share out of what it has itself.
    return distribute_tensor(whole.to(device), like.device_mesh, like.placements, src_data_rank=None)


def forget_gathered(net: nn.Module) -> None:
    """
    Let go of weights that were gathered to read with.

    Before what learns is looked up: a net that was read and has not learnt yet shows whole weights in the place of the shares.
    After shares were filled: whole weights are those of before.
    """
    parts: Iterable[object] = net.modules()
    for part in parts:
        if isinstance(part, FSDPModule):
            part.reshard()


def make_whole(net: nn.Module) -> None:
    """
    Make a net that was sharded a plain one again, with all its weights in each process.

    They stay on the card if there is room for them in every process, and go to main memory otherwise.
    """
    if not is_sharded(net):
        return
    to_memory = any_asks(_lacks_room(net))
    made: dict[int, nn.Parameter] = {}
    for part in net.modules():
        _take_off(part)
    for part in net.modules():
        held: Iterable[tuple[str, object]] = list(part._parameters.items())
        for name, parameter in held:
            if isinstance(parameter, DTensor):
                if id(parameter) not in made:  # weights that are tied stay tied
                    whole = gathered(parameter.detach())
                    made[id(parameter)] = nn.Parameter(whole.cpu() if to_memory else whole, requires_grad=parameter.requires_grad)
                part._parameters[name] = made[id(parameter)]
    if to_memory:
        net.to("cpu")  # buffers too


def _lacks_room(net: nn.Module) -> bool:
    device = next(net.parameters()).device
    if device.type != "cuda":
        return False
    free, _ = torch.cuda.mem_get_info(device)
    return free < ROOM * sum(parameter.numel() * parameter.element_size() for parameter in net.parameters())


def _take_off(part: nn.Module) -> None:
    """Take the hooks and the class that torch put on a module off again; it has no function for it."""
    if not isinstance(part, FSDPModule):
        return
    part.reshard()
    state = _get_module_fsdp_state(cast(nn.Module, part))
    assert state is not None, "a sharded module has its state"
    state._pre_forward_hook_handle.remove()
    state._post_forward_hook_handle.remove()
    part.__class__ = type(part).__mro__[part._orig_cls_mro_index]
