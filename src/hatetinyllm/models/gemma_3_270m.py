"""Gemma 3 with 270 million parameters (Google, 2025): five layers see 512 tokens, every sixth sees all; scaled embeddings."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="gemma-3-270m",
    id="google/gemma-3-270m",
    revision="9b0cfec892e2bc2afd938c98eabe4e4a7b1e0ca1",
    licence="gemma",
    commercial=True,
    gated=True,
    parameters=268_098_176,
    download_bytes=536_196_352,  # computed: two bytes a parameter, as it is stored
    safetensors=True,
    max_tokens=32_768,
    shape={
        "model_type": "gemma3_text",
        "vocab_size": 262_144,
        "hidden_size": 640,
        "intermediate_size": 2048,
        "num_hidden_layers": 18,
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "head_dim": 256,
        "query_pre_attn_scalar": 256,
        "max_position_embeddings": 32_768,
        "hidden_activation": "gelu_pytorch_tanh",
        "rms_norm_eps": 1e-06,
        "sliding_window": 512,
        "layer_types": [*["sliding_attention"] * 5, "full_attention"] * 3,
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
            "full_attention": {"rope_type": "default", "rope_theta": 1000000.0},
        },
        "tie_word_embeddings": True,
    },
    notes=(
        "Nearly two thirds of its parameters are word embeddings.",
        "Google's use policy binds all that is trained from it.",
    ),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """Gemma-3-270M with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
