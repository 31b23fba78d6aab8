"""TinyLlama at the end of its schedule, step 1,431k of 1,431k: three trillion tokens (Zhang et al., 2024)."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="tinyllama-3t",
    id="TinyLlama/TinyLlama-1.1B-intermediate-step-1431k-3T",
    revision="59f6f375b26bde864a6ca194a9a3044570490064",
    licence="apache-2.0",
    commercial=True,
    gated=False,
    parameters=1_100_048_384,
    download_bytes=4_400_216_536,
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
        "The last checkpoint of the first schedule; TinyLlama v1.1 is another training, and the chat models are tuned further.",
    ),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """TinyLlama's last checkpoint with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
