"""
Pfeiffer adapters (Pfeiffer et al., 2021): one bottleneck a block, at the end of its feed-forward branch; half of Houlsby's.

On disk they are Houlsby's (`peft_type` HOULSBY): where the bottlenecks stand is written in `target_modules`. Theirs reads
the branch and what flows past it, normalised together; decoders normalise before a branch, so ours reads the branch alone.
"""

from typing import Literal

from torch import nn

from hatetinyllm.tuning.bottleneck import add_bottlenecks
from hatetinyllm.tuning.places import ends_of, find_layers, of_last_block
from hatetinyllm.tuning.tune import Tuned
from hatetinyllm.types import Count, LesserShare


def apply(
    net: nn.Module,
    *,
    bottleneck: Count = 64,  # width of the bottleneck
    activation: Literal["gelu", "relu", "silu", "tanh"] = "relu",  # between its two matrices
    dropout: LesserShare = 0.0,  # of the bottleneck, while training
    blocks: Literal["all", "last"] = "all",  # last: one adapter in the whole net
    layers: tuple[str, ...] = (),  # ends of layer names in place of the usual ones, as ["down_proj"]
) -> Tuned:
    """Add a bottleneck after the last layer of the feed-forward part."""
    found = find_layers(net, layers or (ends_of(net, "pfeiffer").feed_forward,), "pfeiffer")
    places = of_last_block(found) if blocks == "last" else found
    return add_bottlenecks(net, places, bottleneck=bottleneck, activation=activation, dropout=dropout, norms=False)
