"""
What a model needs of a machine's memory, from its card alone.

Measured as the peak of a process on a CPU, in 32-bit floats, on six shapes of 124 to 596 million parameters: beside 4 bytes a
parameter and 0.4 GB for the process, a scoring block took 15 to 26 bytes for each token and unit of the feed-forward layer, and
LoRA on every linear layer took 210 to 297 for each token, layer and unit of the hidden state. The rule is above all of them.
"""

from typing import Literal

from hatetinyllm.machine import Machine
from hatetinyllm.models.card import ModelCard

Place = Literal["gpu", "cpu", "no"]
FLOAT_BYTES = 4
PROCESS_BYTES = 10**9  # Python, torch and the texts
SCORED_TOKENS, SCORED_BYTES = 8192, 28  # a block of the scoring loop; for each token and unit of the feed-forward layer
LEARNT_TOKENS, LEARNT_BYTES = 8 * 128, 300  # eight texts; for each token, layer and unit of the hidden state
RULE = (
    "fits: 32-bit floats (4 bytes a parameter), 1 GB for the process, and for scoring a block of 8,192 tokens, for learning\n"
    "LoRA on every linear layer with 8 texts of 128 tokens (of a recipe of its own: train --dry-run); "
    "gpu: on the largest card, cpu: in memory"
)


def scoring_bytes(card: ModelCard) -> int:
    """Memory to score texts."""
    wide = card.shape.get("intermediate_size") or card.shape["ffn_dim"]
    return FLOAT_BYTES * card.parameters + PROCESS_BYTES + SCORED_TOKENS * SCORED_BYTES * int(wide)


def learning_bytes(card: ModelCard) -> int:
    """Memory to train LoRA on every linear layer."""
    units = int(card.shape["num_hidden_layers"]) * int(card.shape["hidden_size"])
    return FLOAT_BYTES * card.parameters + PROCESS_BYTES + LEARNT_TOKENS * LEARNT_BYTES * units


def place_for(needed: int, machine: Machine) -> Place:
    """Where so many bytes fit: a card where there is one, else memory, else nowhere."""
    if needed <= machine.gpu_memory:
        return "gpu"
    return "cpu" if needed <= machine.memory else "no"
