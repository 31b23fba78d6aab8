"""Gemma 3 with one billion parameters (Google, 2025), the one that was only pretrained; text in, no pictures."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="gemma-3-1b",
    id="google/gemma-3-1b-pt",
    revision="fcf18a2a879aab110ca39f8bffbccd5d49d8eb29",
    licence="gemma",
    commercial=True,
    gated=True,
    parameters=999_885_952,
    download_bytes=1_999_811_208,
    safetensors=True,
    max_tokens=32_768,
    shape={
        "model_type": "gemma3_text",
        "vocab_size": 262_144,
        "hidden_size": 1152,
        "intermediate_size": 6912,
        "num_hidden_layers": 26,
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "head_dim": 256,
        "query_pre_attn_scalar": 256,
        "max_position_embeddings": 32_768,
        "hidden_activation": "gelu_pytorch_tanh",
        "rms_norm_eps": 1e-06,
        "sliding_window": 512,
        "layer_types": [*[*["sliding_attention"] * 5, "full_attention"] * 4, *["sliding_attention"] * 2],
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
            "full_attention": {"rope_type": "default", "rope_theta": 1000000.0},
        },
        "tie_word_embeddings": True,
    },
    notes=("Google's use policy binds all that is trained from it.",),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """Gemma-3-1B with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
