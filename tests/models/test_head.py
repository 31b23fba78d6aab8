"""The classification head is the readout every model begins with."""

from collections.abc import Callable
from pathlib import Path

import torch

from hatetinyllm.models import hub
from hatetinyllm.models.model import with_readout
from hatetinyllm.text.encode import Encoder, TextSettings
from hatetinyllm.types import Choice, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")


def test_a_head_leaves_the_model_as_it_was_made(checkpoint: Callable[[str], Path]) -> None:
    model = hub.load(2, id=str(checkpoint("Llama")))
    rows = model.net.score.weight.clone()
    encoder = Encoder(model.tokenizer, TextSettings(max_tokens=16, overlap_tokens=4))
    made = with_readout(model, [HATE], encoder, Choice(name="head"))
    assert made.readout_learns
    assert made.net is model.net
    assert torch.equal(made.net.score.weight, rows)
