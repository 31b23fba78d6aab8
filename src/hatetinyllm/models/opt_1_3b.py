"""OPT with 1.3 billion parameters (Zhang et al., 2022), the paper's best: learnt positions, ReLU, biases everywhere."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="opt-1.3b",
    id="facebook/opt-1.3b",
    revision="3f5c25d0bc631cb57ac65913f76e22c2dfb61d62",
    licence="opt-175b",
    commercial=False,
    gated=False,
    parameters=1_315_758_080,
    download_bytes=2_631_639_353,
    safetensors=False,
    max_tokens=2048,
    shape={
        "model_type": "opt",
        "vocab_size": 50_272,
        "hidden_size": 2048,
        "ffn_dim": 8192,
        "num_hidden_layers": 24,
        "num_attention_heads": 32,
        "max_position_embeddings": 2048,
        "word_embed_proj_dim": 2048,
        "do_layer_norm_before": True,
        "activation_function": "relu",
        "tie_word_embeddings": True,
    },
    notes=("Its licence allows research only, and so for all that is trained from it.",),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """OPT-1.3B with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
