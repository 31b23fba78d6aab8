"""A stored readout is gone on with: its rows come back by head and label, whatever is asked for and in which order."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from hatetinyllm.errors import ModelError
from hatetinyllm.models import hub, scratch
from hatetinyllm.models.model import Model, with_readout
from hatetinyllm.models.weights import write_net, write_shape
from hatetinyllm.text.encode import Encoder, TextSettings
from hatetinyllm.types import Choice, Head

HATE = Head(name="hate", labels=("not_hate", "hate"), positive="hate")
OFFENCE = Head(name="offence", labels=("not_offensive", "offensive"), positive="offensive")
TARGET = Head(name="target", labels=("jews", "women", "other"), many=True)
STORED = (HATE, TARGET, OFFENCE)


@pytest.fixture
def saved(checkpoint: Callable[[str], Path], tmp_path: Path) -> Path:
    """A model as it was saved whole after a tuning: each row of its readout is its number."""
    model = hub.load(7, id=str(checkpoint("Llama")))
    with torch.no_grad():
        model.net.score.weight.copy_(torch.arange(7.0)[:, None].expand_as(model.net.score.weight))
    folder = tmp_path / "saved"
    folder.mkdir()
    write_net(model.net, folder)
    write_shape(model.net, folder, [label for head in STORED for label in head.labels])
    model.tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def going_on(folder: Path, *heads: Head) -> Model:
    torch.manual_seed(1)
    model = hub.load(sum(len(head.labels) for head in heads), id=str(folder))
    return with_readout(model, heads, Encoder(model.tokenizer, TextSettings()), Choice(name="stored"))


def rows(model: Model) -> list[float]:
    return model.net.score.weight[:, 0].tolist()


def test_all_heads_come_back(saved: Path) -> None:
    model = going_on(saved, *STORED)
    assert rows(model) == [0, 1, 2, 3, 4, 5, 6]
    assert model.notes == ()
    assert model.net.score.weight.requires_grad


def test_some_heads_in_another_order_find_their_rows(saved: Path) -> None:
    turned = Head(name="hate", labels=("hate", "not_hate"), positive="hate")
    assert rows(going_on(saved, OFFENCE, turned)) == [5, 6, 1, 0]
    assert rows(going_on(saved, HATE, Head(name="target", labels=("other", "jews"), many=True))) == [0, 1, 4, 2]


def test_a_new_label_begins_fresh_and_is_told_of(saved: Path) -> None:
    model = going_on(saved, HATE, Head(name="target", labels=("jews", "men", "women"), many=True))
    found = rows(model)
    assert [*found[:3], found[4]] == [0, 1, 2, 3]
    assert 0 < abs(found[3]) < 0.2
    assert model.notes == ("readout stored: target had no row for men, which begin from fresh numbers",)


def test_a_head_that_is_not_there_names_those_that_are(saved: Path) -> None:
    toxicity = Head(name="toxicity", labels=("not_toxic", "toxic"), positive="toxic")
    with pytest.raises(ModelError, match="answers no toxicity") as caught:
        going_on(saved, HATE, toxicity)
    assert caught.value.problems == ("it answers hate, target, offence",)


def test_a_bias_comes_back_too(saved: Path) -> None:
    tensors = load_file(saved / "model.safetensors")
    save_file({**tensors, "score.bias": torch.arange(7.0) / 10}, saved / "model.safetensors", metadata={"format": "pt"})
    assert going_on(saved, OFFENCE).net.score.bias.tolist() == pytest.approx([0.5, 0.6])


def test_a_bundle_names_its_own_heads(golden_bundle: Path) -> None:
    model = going_on(golden_bundle, HATE)
    assert torch.equal(model.net.score.weight, load_file(golden_bundle / "model.safetensors")["score.weight"])


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["LABEL_0", "LABEL_1"], "no scheme has 'LABEL_0'"),
        (["not_hate", "hate"], "2 labels are named, and its rows are"),
    ],
)
def test_labels_that_do_not_fit_are_told(saved: Path, labels: list[str], said: str) -> None:
    shape = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    shape["id2label"] = {str(place): label for place, label in enumerate(labels)}
    shape["label2id"] = {label: place for place, label in enumerate(labels)}
    (saved / "config.json").write_text(json.dumps(shape), encoding="utf-8")
    with pytest.raises(ModelError, match=said):
        going_on(saved, HATE)


def test_what_has_no_readout_is_told(checkpoint: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match="has no readout"):
        going_on(checkpoint("Llama"), HATE)
    model = scratch.load(2, layers=1, width=16, heads=2)
    with pytest.raises(ModelError, match="random numbers"):
        with_readout(model, [HATE], Encoder(model.tokenizer, TextSettings()), Choice(name="stored"))
