"""A net is made ready to learn and is what it was when that is over."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import torch

from hatetinyllm.errors import TrainingError
from hatetinyllm.models.hub import load
from hatetinyllm.training.bench import Bench, recomputed
from hatetinyllm.training.rows import Rows
from hatetinyllm.tuning.tune import Tuned, tune
from hatetinyllm.types import Choice

Checkpoint = Callable[[str], Path]
Ready = Callable[..., AbstractContextManager[Bench]]


def made(folder: Path) -> Tuned:
    torch.manual_seed(0)
    return tune(load(2, id=str(folder)).net, Choice(name="lora"))


@pytest.mark.parametrize("precision", ["fp32", "bf16", "bf16-frozen"])
@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("layout", ["packed", "padded"])
def test_afterwards_a_net_is_what_it_was(
    bench: Ready, checkpoint: Checkpoint, rows: Rows, precision: str, recompute: bool, layout: str
) -> None:
    tuned = made(checkpoint("Llama"))
    tuned.net.eval()
    ids, lengths = torch.tensor([[3, 4, 5]]), torch.tensor([3])
    kinds = {name: part.dtype for name, part in tuned.net.named_parameters()}
    before = tuned.net(ids, lengths).detach()
    with bench(tuned, rows, precision=precision, recompute=recompute, layout=layout) as ready:
        assert bool(ready.layout.attention) == (layout == "packed")
        assert torch.equal(tuned.net(ids, lengths), before) == (precision == "fp32")
        assert tuned.net.training
    tuned.net.eval()
    assert torch.equal(tuned.net(ids, lengths), before)
    assert {name: part.dtype for name, part in tuned.net.named_parameters()} == kinds
    assert not any(getattr(part, "gradient_checkpointing", False) for part in tuned.net.modules())
    assert "_original_forward" not in vars(tuned.net)


def test_what_cannot_be_worked_out_again_is_told(bench: Ready, checkpoint: Checkpoint, rows: Rows) -> None:
    prefix = tune(load(2, id=str(checkpoint("Llama"))).net, Choice(name="prefix"))
    with pytest.raises(TrainingError, match="does not go with a prefix"), bench(prefix, rows, recompute=True):
        pass
    net = load(2, id=str(checkpoint("Llama"))).net
    net.decoder.supports_gradient_checkpointing = False
    with pytest.raises(TrainingError, match="a llama cannot work its activations out again"), recomputed(Tuned(net=net)):
        pass


def test_a_layer_rate_reaches_the_optimiser(bench: Ready, checkpoint: Checkpoint, rows: Rows) -> None:
    with bench(made(checkpoint("Llama")), rows, layer_rate=0.5) as ready:
        assert sorted(group["share"] for group in ready.optimiser.param_groups) == [0.5, 1.0]


def test_rows_want_a_plain_decoder_that_learns_in_full(bench: Ready, checkpoint: Checkpoint, rows: Rows) -> None:
    with pytest.raises(TrainingError, match="cannot be worked on a grid"), bench(made(checkpoint("Llama")), rows, layout="rows"):
        pass
    whole = tune(load(2, id=str(checkpoint("Llama"))).net, Choice(name="full"))
    with bench(whole, rows, layout="rows") as ready:
        assert ready.layout.in_rows
        assert len(ready.given([0, 1])) == 1
