"""A sharded net is saved, filled and made whole again without a change; launches that cannot work are refused."""

import subprocess
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType

from hatetinyllm.errors import TrainingError
from hatetinyllm.training.sharding import choose_sharding, gathered, is_sharded, make_whole, spread_like

SHARD = """
import sys
from pathlib import Path
import torch
from accelerate import Accelerator
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor
from hatetinyllm.models.hub import load
from hatetinyllm.models.readout import logits_of
from hatetinyllm.training.checkpoint import Checkpoints, Place
from hatetinyllm.training.sharding import choose_sharding, forget_gathered, gathered, is_sharded, make_whole, spread_like
from hatetinyllm.tuning.tune import learning, merged, tune
from hatetinyllm.types import Choice

TEXTS = [[3, 4, 5], [6, 7], [8, 9, 10, 11, 3]]

def made(seed):
    torch.manual_seed(seed)
    tuned = tune(load(2, id=sys.argv[1]).net, Choice(name="lora", options={"rank": 3, "dropout": 0.0}))  # 3 rows for 2 processes
    accelerator = Accelerator(cpu=True)
    choose_sharding(accelerator, tuned.net)
    before = logits_of(tuned.net, TEXTS)
    adamw = torch.optim.AdamW(learning(tuned.net).values(), lr=0.1)
    net, _ = accelerator.prepare(tuned.net, adamw)
    assert is_sharded(tuned.net)
    tuned.net(torch.tensor([[3]]), torch.tensor([1]))  # what is first read in inference mode cannot learn
    assert torch.allclose(logits_of(tuned.net, TEXTS), before, atol=1e-6)
    forget_gathered(tuned.net)
    return accelerator, tuned, adamw

def step(accelerator, tuned, adamw):
    loss = tuned.net(torch.tensor([[3, 4, 5]]), torch.tensor([3])).square().sum()
    accelerator.backward(loss)
    adamw.step()
    adamw.zero_grad()

accelerator, tuned, adamw = made(0)
classes = [type(part).__name__ for part in tuned.net.modules()]
assert classes[0] == "FSDPReadout" and "FSDPLlamaDecoderLayer" in classes, classes
step(accelerator, tuned, adamw)
checkpoints = Checkpoints(Path(sys.argv[2]), {})
checkpoints.save_best(1, learning(tuned.net))
checkpoints.save(Place(step=1, best_step=1), learning(tuned.net), adamw, keep=2)
accelerator.wait_for_everyone()
other_accelerator, other, other_adamw = made(1)
assert checkpoints.restore(learning(other.net), other_adamw) == Place(step=1, best_step=1)
for run in ((accelerator, tuned, adamw), (other_accelerator, other, other_adamw)):
    step(*run)
mine, theirs = learning(tuned.net), learning(other.net)
for name in mine:
    whole = gathered(mine[name].detach())
    assert torch.equal(whole, gathered(theirs[name].detach())), name
    assert torch.equal(gathered(spread_like(whole, mine[name])), whole), name
sharded = logits_of(tuned.net, TEXTS)
for part in tuned.net.modules():
    if isinstance(part, FSDPModule):
        part.unshard()  # as after reading with fsdp_reshard_after_forward: false
make_whole(tuned.net)
assert not is_sharded(tuned.net)
assert not any(isinstance(parameter, DTensor) for parameter in tuned.net.parameters())
assert not [type(part) for part in tuned.net.modules() if type(part).__name__.startswith("FSDP")]
assert not any(part._forward_pre_hooks or part._forward_hooks for part in tuned.net.modules())
assert sorted(learning(tuned.net)) == sorted(mine)
assert torch.allclose(logits_of(tuned.net, TEXTS), sharded, atol=1e-6)
assert torch.allclose(logits_of(merged(tuned), TEXTS), sharded, atol=1e-5)
checkpoints.restore_best(Place(step=1, best_step=1), learning(other.net))
assert not torch.equal(gathered(next(iter(learning(other.net).values())).detach()), gathered(next(iter(mine.values())).detach()))
"""


def test_a_sharded_net_is_saved_filled_and_made_whole(
    checkpoint: Callable[[str], Any], tmp_path: Any, two_processes: Callable[..., list[subprocess.Popen[str]]]
) -> None:
    processes = two_processes("-c", SHARD, checkpoint("Llama"), tmp_path / "checkpoints", sharded=True)
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(said)


def test_what_is_not_spread_is_left_as_it_is() -> None:
    net, tensor = torch.nn.Linear(2, 2), torch.ones(2)
    weight = net.weight
    assert gathered(tensor) is tensor
    assert spread_like(tensor, torch.zeros(2)) is tensor
    assert not is_sharded(net)
    make_whole(net)
    assert net.weight is weight


def launched(kind: DistributedType, *, second: bool = True, precision: str = "no") -> Accelerator:
    state = SimpleNamespace(distributed_type=kind, fsdp_plugin=SimpleNamespace(mixed_precision_policy=None))
    made = SimpleNamespace(state=state, distributed_type=kind, is_fsdp2=second, mixed_precision=precision)
    return made  # type: ignore[return-value]


@pytest.mark.parametrize("kind", [DistributedType.DEEPSPEED, DistributedType.MEGATRON_LM])
def test_a_launch_that_cannot_work_is_refused(kind: DistributedType) -> None:
    with pytest.raises(TrainingError, match="cannot be trained by"):
        choose_sharding(launched(kind), torch.nn.Linear(2, 2))


def test_fsdp_of_the_first_version_is_refused_with_the_word_to_set() -> None:
    with pytest.raises(TrainingError, match="first version") as caught:
        choose_sharding(launched(DistributedType.FSDP, second=False), torch.nn.Linear(2, 2))
    assert "fsdp_version: 2" in caught.value.problems[0]
    choose_sharding(launched(DistributedType.FSDP), torch.nn.Linear(2, 2))


def test_sixteen_bits_are_of_the_arithmetic_alone_as_without_sharding() -> None:
    accelerator = launched(DistributedType.FSDP, precision="bf16")
    choose_sharding(accelerator, torch.nn.Linear(2, 2))
    policy = accelerator.state.fsdp_plugin.mixed_precision_policy
    assert (policy.param_dtype, policy.reduce_dtype, policy.output_dtype) == (torch.bfloat16, torch.float32, None)
