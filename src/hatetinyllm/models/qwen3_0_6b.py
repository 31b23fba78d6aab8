"""Qwen3 with 0.6 billion parameters (Qwen team, 2025): queries and keys are normed, heads are wider than the state's share."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="qwen3-0.6b",
    id="Qwen/Qwen3-0.6B",
    revision="c1899de289a04d12100db370d81485cdf75e47ca",
    licence="apache-2.0",
    commercial=True,
    gated=False,
    parameters=596_049_920,
    download_bytes=1_503_300_328,
    safetensors=True,
    max_tokens=40_960,
    shape={
        "model_type": "qwen3",
        "vocab_size": 151_936,
        "hidden_size": 1024,
        "intermediate_size": 3072,
        "num_hidden_layers": 28,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "max_position_embeddings": 40_960,
        "rms_norm_eps": 1e-06,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
        "tie_word_embeddings": True,
    },
    notes=(
        "Trained further to follow instructions; the plain decoder is Qwen/Qwen3-0.6B-Base.",
        "Its file holds the word embeddings twice, so it is larger than its parameters.",
    ),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """Qwen3-0.6B with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
