"""Pythia with one billion parameters (Biderman et al., 2023): eight wide heads a layer."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="pythia-1b",
    id="EleutherAI/pythia-1b",
    revision="f73d7dcc545c8bd326d8559c8ef84ffe92fea6b2",
    licence="apache-2.0",
    commercial=True,
    gated=False,
    parameters=1_011_781_632,
    download_bytes=2_090_701_528,
    safetensors=True,
    max_tokens=2048,
    shape={
        "model_type": "gpt_neox",
        "vocab_size": 50_304,
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "num_attention_heads": 8,
        "max_position_embeddings": 2048,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-05,
        "use_parallel_residual": True,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.25},
        "tie_word_embeddings": False,
    },
    notes=("Trained on the Pile, web text that was hardly filtered.",),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """Pythia-1B with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
