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
    tokenizer: str = "",  # a tokenizer.json; empty for this project's own
    seed: Seed = 0,  # of the random weights
) -> Model:
    """A fresh decoder; the same seed gives the same weights on the same version of torch."""
    if width % heads or (width // heads) % 2:
        raise ModelError(f"scratch: width {width} cannot be parted into {heads} heads of an even size")
    words = _tokenizer(tokenizer)
    config = LlamaConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=width,
        intermediate_size=feed_forward or round(width * 8 / 3 / 16) * 16,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=max_tokens,
        pad_token_id=words.token_to_id("<pad>"),
        bos_token_id=words.token_to_id("<s>"),
        eos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Readout(AutoModel.from_config(config), n_labels)
    return Model(net=net, tokenizer=words, max_tokens=max_tokens)


def _tokenizer(path: str) -> Tokenizer:
    """This project's own, or the one of a file."""
    if not path:
        return Tokenizer.from_str(files("hatetinyllm.text").joinpath("tokenizer.json").read_text(encoding="utf-8"))
    try:
        found = Tokenizer.from_file(path)
    except Exception as error:  # tokenizers raises plain Exception for every kind of broken file
        raise ModelError(f"scratch: the tokenizer {path!r} cannot be read", [str(error)]) from error
    if lacking := [name for name in ("<pad>", "<s>") if found.token_to_id(name) is None]:
        raise ModelError(f"scratch: the tokenizer {path!r} has no {' and no '.join(lacking)}")
    return found


def outline(n_labels: int, **options: Any) -> Readout:
    """The same net on the meta device; the options are those of load."""
    with torch.device("meta"):
        return load(n_labels, **options).net
