"""TinyLlama after 50 thousand of 1.43 million steps: the checkpoint the paper calls TinyLlama (Zhang et al., 2024)."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="tinyllama",
    id="PY007/TinyLlama-1.1B-step-50K-105b",
    revision="ae666e2718bf72a193f12e082beb58acc284231d",
    licence="apache-2.0",
    commercial=True,
    gated=False,
    parameters=1_100_048_384,
    download_bytes=4_400_193_536,  # computed: four bytes a parameter, as it is stored
    safetensors=True,
    max_tokens=2048,
    shape={
        "model_type": "llama",
        "vocab_size": 32_000,
        "hidden_size": 2048,
        "intermediate_size": 5632,
        "num_hidden_layers": 22,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-05,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "tie_word_embeddings": False,
    },
    notes=(
        "An early checkpoint, 105 billion of 3 trillion tokens; the paper's prose speaks of them all, which is tinyllama-3t.",
        "The hub keeps it as TinyLlama/TinyLlama-1.1B-step-50K-105b, where it moved to.",
    ),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """The paper's TinyLlama with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
