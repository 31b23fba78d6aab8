"""What learns with `full`."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.hub import load
from hatetinyllm.tuning.full import apply
from hatetinyllm.tuning.tune import learning


def test_every_weight_learns(checkpoint: Callable[[str], Path]) -> None:
    net = load(2, id=str(checkpoint("Llama"))).net.requires_grad_(False)
    assert len(learning(apply(net).net)) == len(list(net.parameters()))
