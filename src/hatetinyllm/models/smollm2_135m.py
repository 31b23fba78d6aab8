"""SmolLM2 with 135 million parameters (Allal et al., 2025): thirty thin layers."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="smollm2-135m",
    id="HuggingFaceTB/SmolLM2-135M",
    revision="93efa2f097d58c2a74874c7e644dbc9b0cee75a2",
    licence="apache-2.0",
    commercial=True,
    gated=False,
    parameters=134_515_008,
    download_bytes=269_060_552,
    safetensors=True,
    max_tokens=8192,
    shape={
        "model_type": "llama",
        "vocab_size": 49_152,
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
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
    """SmolLM2-135M with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
