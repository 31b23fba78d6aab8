"""
Tiny checkpoints with random weights that have the architecture of a known model: what a trial of the whole road runs on.

Grouped queries, partial rotation, sliding windows, tied embeddings and wide heads stay as the card has them; only the
sizes shrink. The vocabulary is this project's own, and the config.json says what it is, so that nobody takes it for the model.
"""

import json
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForCausalLM

from hatetinyllm.models.card import ModelCard
from hatetinyllm.models.hub import quiet
from hatetinyllm.models.local import TINY

WIDTH, HEADS, LAYERS, TOKENS, WINDOW = 64, 4, 2, 512, 16


def write_tiny(folder: Path, card: ModelCard, *, seed: int = 0) -> Path:
    """A checkpoint as the hub has it: config.json, model.safetensors and tokenizer.json. Returns the folder."""
    text = files("hatetinyllm.text").joinpath("tokenizer.json").read_text(encoding="utf-8")
    config = AutoConfig.for_model(**tiny_shape(card, Tokenizer.from_str(text)))
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    said = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**said, TINY: True}, indent=2) + "\n", encoding="utf-8", newline="\n")
    (folder / "tokenizer.json").write_text(text, encoding="utf-8", newline="\n")
    return folder


def tiny_shape(card: ModelCard, tokenizer: Tokenizer) -> dict[str, Any]:
    """The card's shape with every size made small, in the same proportions of heads."""
    shape = deepcopy(dict(card.shape))
    own_heads, head = shape["num_attention_heads"], WIDTH // HEADS
    wide = shape.get("head_dim", 0) * own_heads > shape["hidden_size"]  # heads wider together than the hidden state
    shared = shape.get("num_key_value_heads", own_heads)
    small = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "ffn_dim": 2 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS if shared == own_heads else min(shared, HEADS // 2),
        "head_dim": 2 * head if wide else head,
        "query_pre_attn_scalar": 2 * head if wide else head,
        "word_embed_proj_dim": WIDTH * shape.get("word_embed_proj_dim", 0) // shape["hidden_size"],
        "max_position_embeddings": TOKENS,
        "sliding_window": WINDOW,
        "layer_types": ["sliding_attention", "full_attention"],
    }
    shape |= {key: value for key, value in small.items() if key in shape}
    if "original_max_position_embeddings" in shape.get("rope_parameters", {}):
        shape["rope_parameters"]["original_max_position_embeddings"] = TOKENS // 32
    first = tokenizer.token_to_id("<s>")
    return shape | {"pad_token_id": tokenizer.token_to_id("<pad>"), "bos_token_id": first, "eos_token_id": first}
