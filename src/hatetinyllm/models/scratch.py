"""A Llama-shaped decoder of any size with random weights, and the tokenizer this project trained."""

from importlib.resources import files
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModel, LlamaConfig

from hatetinyllm.errors import ModelError
from hatetinyllm.models.model import Model
from hatetinyllm.models.readout import Readout
from hatetinyllm.types import Count, Seed, Whole


def load(
    n_labels: int,
    *,
    layers: Count = 4,  # decoder blocks
    width: Count = 128,  # size of the hidden state
    heads: Count = 4,  # attention heads; must divide the width into even parts
    feed_forward: Whole = 0,  # size of the feed-forward layer; 0 for eight thirds of the width
    max_tokens: Count = 512,  # the longest text the positions allow
    seed: Seed = 0,  # of the random weights
) -> Model:
    """A fresh decoder; the same seed gives the same weights on the same version of torch."""
    if width % heads or (width // heads) % 2:
        raise ModelError(f"scratch: width {width} cannot be parted into {heads} heads of an even size")
    tokenizer = Tokenizer.from_str(files("hatetinyllm.text").joinpath("tokenizer.json").read_text(encoding="utf-8"))
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=width,
        intermediate_size=feed_forward or round(width * 8 / 3 / 16) * 16,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=max_tokens,
        pad_token_id=tokenizer.token_to_id("<pad>"),
        bos_token_id=tokenizer.token_to_id("<s>"),
        eos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Readout(AutoModel.from_config(config), n_labels)
    return Model(net=net, tokenizer=tokenizer, max_tokens=max_tokens)


def outline(n_labels: int, **options: Any) -> Readout:
    """The same net on the meta device; the options are those of load."""
    with torch.device("meta"):
        return load(n_labels, **options).net
