"""OPT with 125 million parameters (Zhang et al., 2022), the smallest of its family."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="opt-125m",
    id="facebook/opt-125m",
    revision="27dcfa74d334bc871f3234de431e71c6eeba5dd6",
    licence="opt-175b",
    commercial=False,
    gated=False,
    parameters=125_239_296,
    download_bytes=250_540_281,
    safetensors=False,
    max_tokens=2048,
    shape={
        "model_type": "opt",
        "vocab_size": 50_272,
        "hidden_size": 768,
        "ffn_dim": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "max_position_embeddings": 2048,
        "word_embed_proj_dim": 768,
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
    """OPT-125M with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
