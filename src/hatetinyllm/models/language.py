"""
A model as a language model: its decoder and the matrix that foretells the next token, ready to learn and to be saved.

Checkpoints are what Transformers writes and reads. A model without a folder of its own (random weights, or ours) foretells by its
word embeddings; of any other the matrix is its own.
"""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModelForCausalLM

from hatetinyllm.errors import ModelError
from hatetinyllm.models.foretelling import foretell
from hatetinyllm.models.grid import causal_bars, fits_grid, hidden_of
from hatetinyllm.models.hub import attention_of, quiet
from hatetinyllm.models.model import Model


class Language(nn.Module):
    """Foretells the tokens of a grid of rows; only blocks that fit are worked on the grid, all others as Transformers does."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net
        self.on_grid = fits_grid(net.base_model)

    def forward(self, rows: Tensor, *, half: bool, made: bool) -> Tensor:
        """(B, L + 1) ids -> the summed loss in nats of foretelling all but the first."""
        ids, goals = rows[:, :-1], rows[:, 1:]
        decoder, output = self.net.base_model, self.net.get_output_embeddings()
        if self.on_grid:
            bars = causal_bars(ids.shape[1], device=ids.device)
            hidden = hidden_of(decoder, ids, bars, made=made, half=half)
        else:
            with torch.autocast(ids.device.type, torch.bfloat16, enabled=half):
                hidden = decoder(input_ids=ids, use_cache=False).last_hidden_state.float()
        return foretell(hidden, output.weight, goals, bias=output.bias, half=half)


def as_language(model: Model) -> Language:
    """The language model that a model's weights are of."""
    decoder: Any = model.net.decoder
    if model.folder is None:
        decoder.config.tie_word_embeddings = True
        with torch.device("meta"):
            net = AutoModelForCausalLM.from_config(decoder.config, attn_implementation=attention_of(decoder.config))
        setattr(net, net.base_model_prefix, decoder)
        net.tie_weights()
        return Language(net)
    try:
        with quiet():
            net = AutoModelForCausalLM.from_pretrained(
                model.folder,
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                attn_implementation=attention_of(decoder.config),
            )
    except Exception as error:  # a broken checkpoint ends in any kind of exception
        raise ModelError(f"the language model in {model.folder} cannot be read", [str(error).partition("\n")[0]]) from error
    return Language(net)


def save_language(language: Language, tokenizer: Tokenizer, folder: Path) -> None:
    """Write config.json, model.safetensors and tokenizer.json as the hub has them."""
    with quiet():
        language.net.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False) + "\n", encoding="utf-8", newline="\n")
