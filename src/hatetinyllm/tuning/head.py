"""Train the readout alone: the cheapest tuning, and a measure of what the frozen decoder knows."""

from torch import nn

from hatetinyllm.tuning.tune import Tuned, freeze_all_but_readout


def apply(net: nn.Module) -> Tuned:
    """Freeze the decoder."""
    freeze_all_but_readout(net)
    return Tuned(net=net)
