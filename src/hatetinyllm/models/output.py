"""
The output matrix of a language model: which word the last hidden state points to.

No net here builds its language-model head. What answers by words (zero-shot, label words) needs a few rows of it, or
all of it at one place of a text, and takes them from here: the word embeddings where both are one, else the checkpoint.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from hatetinyllm.errors import ModelError
from hatetinyllm.models.model import Model

HEADS = ("lm_head", "embed_out", "output")  # what architectures call it
SCALINGS = ("logits_scaling", "logit_scale", "final_logit_softcapping", "lm_head_multiplier")  # not the plain product


@dataclass(frozen=True, kw_only=True)
class Output:
    """Logits of a hidden state are `hidden @ weight.T + bias`."""

    weight: Tensor  # (V, D)
    bias: Tensor | None = None  # (V,), Phi's

    def rows(self, ids: list[int]) -> "Output":
        """The rows of some tokens, in this order."""
        index = torch.tensor(ids)
        return Output(weight=self.weight[index], bias=None if self.bias is None else self.bias[index])

    def __call__(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return torch.nn.functional.linear(hidden, self.weight, self.bias)


def output_of(model: Model) -> Output:
    """The output matrix of a model, in its decoder's precision and on its device."""
    config: Any = model.net.config
    if scaled := [name for name in SCALINGS if getattr(config, name, None) not in (None, 1, 1.0)]:
        raise ModelError(f"a {config.model_type} does more than multiply by its output matrix: {', '.join(scaled)}")
    embeddings: Tensor = model.net.decoder.get_input_embeddings().weight.detach()  # type: ignore[operator]
    if model.folder is None:
        raise ModelError("a model made from random numbers has no output matrix: it cannot answer by words")
    stored = _stored(model.folder)
    for head in HEADS:
        if f"{head}.weight" in stored and not getattr(config, "tie_word_embeddings", False):
            bias = _read(stored, f"{head}.bias") if f"{head}.bias" in stored else None
            return _like(embeddings, Output(weight=_read(stored, f"{head}.weight"), bias=bias))
    if getattr(config, "tie_word_embeddings", False):
        return Output(weight=embeddings)
    raise ModelError(f"the checkpoint in {model.folder} has no output matrix", [f"looked for {', '.join(HEADS)}"])


def _stored(folder: Path) -> dict[str, Path]:
    """Every tensor of a checkpoint and the file it is in."""
    found = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            found.update(dict.fromkeys(file.keys(), path))
    return found


def _read(stored: dict[str, Path], name: str) -> Tensor:
    with safe_open(stored[name], framework="pt") as file:
        tensor: Tensor = file.get_tensor(name)
    return tensor


def _like(tensor: Tensor, output: Output) -> Output:
    bias = None if output.bias is None else output.bias.to(tensor)
    return Output(weight=output.weight.to(tensor), bias=bias)
