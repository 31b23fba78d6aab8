"""A model foretells as Transformers' language model does, and is saved as the hub has it."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
import torch
from transformers import AutoModelForCausalLM

from hatetinyllm.errors import ModelError
from hatetinyllm.models import hub, scratch
from hatetinyllm.models.language import as_language, save_language

Checkpoint = Callable[[str], Path]


@pytest.mark.parametrize("kind", ["Llama", "OPT", "Phi", "Mistral"])
def test_any_decoder_foretells_as_it_does_itself(kind: str, checkpoint: Checkpoint) -> None:
    folder = checkpoint(kind)
    language = as_language(hub.load(1, id=str(folder)))
    rows = torch.randint(2, 20, (2, 9))
    plain = AutoModelForCausalLM.from_pretrained(folder).eval()
    logits = plain(input_ids=rows[:, :-1]).logits.flatten(0, 1)
    expected = torch.nn.functional.cross_entropy(logits.float(), rows[:, 1:].flatten(), reduction="sum")
    assert float(language.eval()(rows, half=False, made=False).detach()) == pytest.approx(float(expected.detach()), rel=1e-4)


def test_random_weights_foretell_by_their_embeddings_and_come_back(tmp_path: Path) -> None:
    model = scratch.load(1, layers=1, width=16, heads=2, max_tokens=32)
    language = as_language(model)
    assert language.on_grid
    assert language.net.get_output_embeddings().weight is language.net.get_input_embeddings().weight
    rows = torch.randint(2, 90, (2, 9))
    before = float(language(rows, half=False, made=False).detach())
    save_language(language, model.tokenizer, tmp_path / "saved")
    assert {path.name for path in (tmp_path / "saved").iterdir()} == {"config.json", "model.safetensors", "tokenizer.json"}
    again = as_language(hub.load(1, id=str(tmp_path / "saved")))
    assert float(again(rows, half=False, made=False).detach()) == pytest.approx(before, rel=1e-6)


def test_a_checkpoint_that_cannot_be_read_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    model = hub.load(1, id=str(copytree(checkpoint("Llama"), tmp_path / "own")))
    assert model.folder
    (model.folder / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError, match="cannot be read"):
        as_language(model)
