"""A known model comes from the user's folder or the hub, and what stands in the way is one clear message."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx2
import pytest
import torch
from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError
from safetensors.torch import load_file

from hatetinyllm.errors import ModelError
from hatetinyllm.models import hub
from hatetinyllm.models.card import ModelCard, cards
from hatetinyllm.models.known import configuration, outline_known
from hatetinyllm.models.local import kept_folder
from hatetinyllm.models.model import check_model, load_model, outline
from hatetinyllm.types import Choice


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub cannot be reached."""

    def fail(*given: object, **options: object) -> str:
        raise LocalEntryNotFoundError("Cannot find an appropriate cached snapshot folder\nand more")

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", fail)


def load(name: str, **options: object) -> object:
    return load_model(Choice(name=name, options=options), 2)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("options", "said"), [({}, "only pickled weights: --set model.pickled=true"), ({"pickled": True}, "could not be downloaded")]
)
def test_without_a_network_opt_is_told_whole(options: dict[str, object], said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        load("opt-1.3b", **options)
    told = str(caught.value)
    for expected in (
        "opt-1.3b",
        "facebook/opt-1.3b at 3f5c25d0bc63, 2.63 GB",
        "OPT-175B License Agreement, no commercial use (https://",
        "--set model.path=FOLDER",
        "HATETINYLLM_MODELS",
    ):
        assert expected in told


@pytest.mark.usefixtures("offline")
def test_a_free_model_is_told_with_its_licence_and_the_hubs_word() -> None:
    with pytest.raises(ModelError, match="smollm2-135m is not on this machine") as caught:
        load("smollm2-135m")
    told = str(caught.value)
    assert "0.27 GB" in told
    assert "Apache License 2.0 (" in told
    assert "no commercial use" not in told
    assert caught.value.problems[-1] == "Cannot find an appropriate cached snapshot folder"


@pytest.mark.usefixtures("offline")
def test_a_model_with_a_key_says_so_offline_too() -> None:
    with pytest.raises(ModelError) as caught:
        load("llama-3.2-1b")
    assert "accept its terms at https://huggingface.co/meta-llama/Llama-3.2-1B, then hf auth login" in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_missing_is_one_clear_message(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    answer = httpx2.Response(status, request=httpx2.Request("GET", "https://huggingface.co/x"))

    def refuse(*given: object, **options: object) -> str:
        raise GatedRepoError("Access to this model is restricted.", response=answer)

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", refuse)
    with pytest.raises(ModelError, match="only to those who have a key") as caught:
        load("gemma-3-1b")
    assert "https://huggingface.co/google/gemma-3-1b-pt" in caught.value.problems[0]
    assert "hf auth login" in caught.value.problems[1]


def test_the_cards_revision_is_what_is_asked_for(monkeypatch: pytest.MonkeyPatch, card: Callable[[str], ModelCard]) -> None:
    asked: list[object] = []

    def ask(id: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append((id, revision))
        raise LocalEntryNotFoundError("offline")

    monkeypatch.setattr("hatetinyllm.models.hub.snapshot_download", ask)
    for options in ({}, {"revision": "main"}):
        with pytest.raises(ModelError):
            load("pythia-70m", **options)
    assert asked == [("EleutherAI/pythia-70m", card("pythia-70m").revision), ("EleutherAI/pythia-70m", "main")]


def test_the_users_folder_of_models_is_read(tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATETINYLLM_MODELS", str(tiny("phi-2").parent))
    model = load_model(Choice(name="phi-2"), 2)
    assert model.base is not None
    assert model.base.source == str(tiny("phi-2"))
    assert model.base.revision is None
    assert model.base.licence == "apache-2.0", "the project's own: no weight of the model is in it"
    assert model.max_tokens == 512
    net = outline(Choice(name="phi-2"), 2)
    assert {name: tensor.shape for name, tensor in net.state_dict().items()} == {
        name: tensor.shape for name, tensor in model.net.state_dict().items()
    }


def test_a_tiny_stand_in_says_that_it_is_not_the_model(tiny: Callable[[str], Path]) -> None:
    (note,) = load_model(Choice(name="opt-125m", options={"path": str(tiny("opt-125m"))}), 2).notes
    assert note == f"{tiny('opt-125m')} is a tiny stand-in of random weights, not opt-125m"


def write_shape(folder: Path, card: ModelCard, **changes: object) -> Path:
    """A configuration as the hub has it, but for some changes; no weights."""
    configuration(card).save_pretrained(folder)
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")
    return folder


def test_a_folder_of_another_shape_is_refused_with_every_difference(tmp_path: Path, card: Callable[[str], ModelCard]) -> None:
    """In every way it can be named, and before anything is read from it."""
    folder = write_shape(tmp_path / "tinyllama", card("tinyllama"), num_hidden_layers=2, vocab_size=4096)
    choice = Choice(name="tinyllama", options={"path": str(folder)})
    for use in (check_model, partial(load_model, n_labels=2), partial(outline, n_labels=2)):
        with pytest.raises(ModelError, match="is not the tinyllama of its card") as caught:
            use(choice)
        *differences, way = caught.value.problems
        assert differences == ["vocab_size 4096, the card says 32000", "num_hidden_layers 2, the card says 22"]
        assert f"--set model.id={folder}" in way


def test_a_folder_named_like_a_model_is_looked_at_too(
    tmp_path: Path, card: Callable[[str], ModelCard], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shape(tmp_path / "opt-125m", card("opt-125m"), do_layer_norm_before=False)
    monkeypatch.setenv("HATETINYLLM_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="is not the opt-125m of its card") as caught:
        check_model(Choice(name="opt-125m"))
    assert caught.value.problems[0] == "do_layer_norm_before False, the card says True"


@pytest.mark.parametrize("name", [card.name for card in cards()])
def test_a_folder_of_the_cards_shape_passes(name: str, tmp_path: Path, card: Callable[[str], ModelCard]) -> None:
    check_model(Choice(name=name, options={"path": str(write_shape(tmp_path / name, card(name)))}))


def test_an_older_spelling_of_the_same_shape_passes(tmp_path: Path, card: Callable[[str], ModelCard]) -> None:
    folder = write_shape(tmp_path / "mistral", card("mistral-7b"))
    said = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    theta = said.pop("rope_parameters")["rope_theta"]
    for given, passes in ((theta, True), (theta + 1, False)):
        (folder / "config.json").write_text(json.dumps({**said, "rope_theta": given}), encoding="utf-8")
        choice = Choice(name="mistral-7b", options={"path": str(folder)})
        if passes:
            check_model(choice)
        else:
            with pytest.raises(ModelError, match="is not the mistral-7b"):
                check_model(choice)


def test_weights_that_are_only_pickled_are_told_before_anything_is_read() -> None:
    with pytest.raises(ModelError, match=r"only pickled weights: --set model\.pickled=true"):
        check_model(Choice(name="opt-125m"))
    check_model(Choice(name="opt-125m", options={"pickled": True}))
    check_model(Choice(name="scratch"))


def test_a_folder_of_another_architecture_is_refused(tiny: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match=r"holds a 'phi', opt-1\.3b is a 'opt'"):
        load("opt-1.3b", path=str(tiny("phi-2")))


@pytest.mark.parametrize("path", ["nowhere", "/nowhere/at/all", "//server/share"])
def test_a_path_that_is_no_folder_is_told(path: str) -> None:
    with pytest.raises(ModelError, match=r"no folder|another machine"):
        load("opt-1.3b", path=path)


def test_a_folder_without_a_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no checkpoint"):
        load("opt-1.3b", path=str(tmp_path))


@pytest.mark.usefixtures("offline")
def test_a_kept_copy_is_read_without_the_option_and_the_network(
    tiny: Callable[[str], Path], tmp_path: Path, card: Callable[[str], ModelCard]
) -> None:
    pickled = Path(shutil.copytree(tiny("opt-1.3b"), tmp_path / "pickled"))
    torch.save(load_file(pickled / "model.safetensors"), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    hub.keep_copy(pickled, kept_folder("facebook/opt-1.3b", str(card("opt-1.3b").revision)))
    model = load_model(Choice(name="opt-1.3b"), 2)
    assert model.base is not None
    assert (model.base.source, model.base.revision) == ("facebook/opt-1.3b", card("opt-1.3b").revision)
    assert "safetensors copy" in model.notes[0]


def test_a_licence_its_folder_states_is_kept(tiny: Callable[[str], Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny("opt-1.3b"), tmp_path / "own"))
    for stated, expected in (("other", "apache-2.0"), ("mit", "mit")):
        (folder / "README.md").write_text(f"---\nlicense: {stated}\n---\n", encoding="utf-8")
        base = load_model(Choice(name="opt-1.3b", options={"path": str(folder)}), 2).base
        assert base is not None
        assert base.licence == expected


def test_an_outline_needs_neither_weights_nor_network(card: Callable[[str], ModelCard]) -> None:
    net = outline_known(card("mistral-7b"), 3)
    assert {parameter.device.type for parameter in net.parameters()} == {"meta"}
    assert net.score.out_features == 3
