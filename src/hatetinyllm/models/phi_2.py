"""Phi-2 (Microsoft, 2023): attention and feed-forward side by side in each block, and a partial rotation of positions."""

from typing import TYPE_CHECKING

from hatetinyllm.models.card import ModelCard
from hatetinyllm.registry import find

if TYPE_CHECKING:
    from hatetinyllm.models.model import Model

CARD = ModelCard(
    name="phi-2",
    id="microsoft/phi-2",
    revision="ef382358ec9e382308935a992d908de099b64c23",
    licence="mit",
    commercial=True,
    gated=False,
    parameters=2_779_683_840,
    download_bytes=5_559_367_680,  # computed: two bytes a parameter, as it is stored
    safetensors=True,
    max_tokens=2048,
    shape={
        "model_type": "phi",
        "vocab_size": 51_200,
        "hidden_size": 2560,
        "intermediate_size": 10_240,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "max_position_embeddings": 2048,
        "hidden_act": "gelu_new",
        "layer_norm_eps": 1e-05,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.4},
        "tie_word_embeddings": False,
    },
    notes=("The paper's text describes 24 layers of width 2,048, which is phi-1.5; phi-2 has 32 layers of width 2,560.",),
)


def load(
    n_labels: int,
    *,
    path: str | None = None,  # a folder that holds it already
    revision: str | None = None,  # commit, tag or branch; the card's own unless given
    pickled: bool = False,  # read weights that are only pickled, without running code, and keep a safetensors copy
) -> "Model":
    """Phi-2 with a fresh readout."""
    model: Model = find("hatetinyllm.models.known:load_known")(CARD, n_labels, path=path, revision=revision, pickled=pickled)
    return model
