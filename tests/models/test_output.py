"""The output matrix gives the logits of Transformers' own causal language model."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from hatetinyllm.errors import ModelError
from hatetinyllm.models import hub, scratch
from hatetinyllm.models.output import output_of

IDS = torch.tensor([[3, 4, 5, 6, 7]])


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["Llama", "Mistral", "OPT", "Phi", "GPTNeoX", "GPT2"])
def test_the_logits_are_transformers_own(checkpoint: Callable[[str], Path], kind: str) -> None:
    theirs = AutoModelForCausalLM.from_pretrained(checkpoint(kind)).eval()(input_ids=IDS).logits
    model = hub.load(2, id=str(checkpoint(kind)))
    hidden = model.net.eval().decoder(input_ids=IDS).last_hidden_state
    assert torch.allclose(output_of(model)(hidden), theirs, atol=1e-6)
    assert torch.allclose(output_of(model).rows([5, 3])(hidden), theirs[..., [5, 3]], atol=1e-6)


def test_random_numbers_have_no_output() -> None:
    with pytest.raises(ModelError, match="cannot answer by words"):
        output_of(scratch.load(2, layers=1, width=32, heads=2))


def test_scaled_logits_are_refused(checkpoint: Callable[[str], Path]) -> None:
    model = hub.load(2, id=str(checkpoint("Llama")))
    model.net.config.final_logit_softcapping = 30.0
    with pytest.raises(ModelError, match="final_logit_softcapping"):
        output_of(model)
