"""
Houlsby adapters (Houlsby et al., 2019): two bottlenecks a block, one at the end of each branch; they and the readout learn.

The paper on tiny models says "Adapter Layer Added 2" and no more. `blocks = "all"` reads it as two in every block, as
Houlsby et al. have it, `blocks = "last"` as two in the whole net; its printed shares fit neither.

The original lets the normalising layers learn too: `norms`. It is off by default, so that what learns is what was added,
and the net without its adapter is the base.
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
    activation: Literal["gelu", "relu", "silu", "tanh"] = "gelu",  # between its two matrices
    dropout: LesserShare = 0.0,  # of the bottleneck, while training
    blocks: Literal["all", "last"] = "all",  # last: two adapters in the whole net
    norms: bool = False,  # the normalising layers learn too, as in the original
    layers: tuple[str, ...] = (),  # ends of layer names in place of the usual ones, as ["o_proj", "down_proj"]
) -> Tuned:
    """Add a bottleneck after the last layer of the attention and of the feed-forward part."""
    if not layers:
        ends = ends_of(net, "houlsby")
        layers = (ends.attention, ends.feed_forward)
    found = find_layers(net, layers, "houlsby")
    places = of_last_block(found) if blocks == "last" else found
    return add_bottlenecks(net, places, bottleneck=bottleneck, activation=activation, dropout=dropout, norms=norms)
