"""What learns with `head`."""

from collections.abc import Callable
from pathlib import Path

from hatetinyllm.models.hub import load
from hatetinyllm.tuning.head import apply
from hatetinyllm.tuning.tune import learning


def test_only_the_readout_learns(checkpoint: Callable[[str], Path]) -> None:
    assert list(learning(apply(load(2, id=str(checkpoint("Llama"))).net).net)) == ["score.weight"]
