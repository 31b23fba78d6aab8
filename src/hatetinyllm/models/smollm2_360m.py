"""SmolLM2 with 360 million parameters (Allal et al., 2025)."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="smollm2-360m",
    id="HuggingFaceTB/SmolLM2-360M",
    revision="f8027fd0eaeea54caa13c31d31b9fdc459c38b49",
    licence="apache-2.0",
    commercial=True,
    gated=False,
    parameters=361_821_120,
    download_bytes=723_674_912,
    safetensors=True,
    max_tokens=8192,
    shape={
        "model_type": "llama",
        "vocab_size": 49_152,
        "hidden_size": 960,
        "intermediate_size": 2560,
        "num_hidden_layers": 32,
        "num_attention_heads": 15,
        "num_key_value_heads": 5,
        "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-05,
        "rope_parameters": {"rope_type": "default", "rope_theta": 100000.0},
        "tie_word_embeddings": True,
    },
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """SmolLM2-360M with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
