"""Train every weight."""

from torch import nn

from hatetinyllm.tuning.tune import Tuned


def apply(net: nn.Module) -> Tuned:
    """Let everything learn."""
    net.requires_grad_(True)
    return Tuned(net=net)
