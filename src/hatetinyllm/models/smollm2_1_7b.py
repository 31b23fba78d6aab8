"""SmolLM2 with 1.7 billion parameters (Allal et al., 2025): as many key-value heads as query heads."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="smollm2-1.7b",
    id="HuggingFaceTB/SmolLM2-1.7B",
    revision="effd688a12921b4cc83e3312b6feb579f70f9c71",
    licence="apache-2.0",
    commercial=True,
    gated=False,
    parameters=1_711_376_384,
    download_bytes=3_422_752_768,  # computed: two bytes a parameter, as it is stored
    safetensors=True,
    max_tokens=8192,
    shape={
        "model_type": "llama",
        "vocab_size": 49_152,
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 24,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-05,
        "rope_parameters": {"rope_type": "default", "rope_theta": 130000.0},
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
    """SmolLM2-1.7B with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
