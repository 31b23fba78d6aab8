"""The known models are listed with what they ask of machine and user, and one is shown whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hatetinyllm.machine import Gpu, Machine
from hatetinyllm.models import MODELS
from hatetinyllm.models.card import card_of

KNOWN = set(MODELS) - {"builtin", "hub", "scratch"}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of 9 GB with a card of 4 GB, on which nothing was downloaded."""
    found = Machine(memory=9 * 10**9, cores=2, gpus=(Gpu(name="A card", memory=4 * 10**9),))
    monkeypatch.setattr("hatetinyllm.machine.this_machine", lambda: found)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def test_every_known_model_is_listed_with_its_licence_and_key(call) -> None:
    found = {one["name"]: one for one in call("models", "list", "--json").json}
    assert set(found) == KNOWN
    assert found["opt-1.3b"]["commercial"] is False
    assert found["llama-3.2-1b"]["gated"] is True
    assert found["phi-2"]["parameters"] == 2_779_683_840
    assert found["mistral-7b"]["max_tokens"] == 32_768


def test_what_fits_is_said_for_scoring_and_for_learning(call) -> None:
    found = {one["name"]: (one["scores"], one["learns"]) for one in call("models", "list", "--json").json}
    assert found["pythia-70m"] == ("gpu", "gpu")
    assert found["smollm2-135m"] == ("gpu", "cpu")
    assert found["opt-1.3b"] == ("cpu", "no")
    assert found["mistral-7b"] == ("no", "no")


def test_people_read_a_table_and_its_rule(call) -> None:
    said = call("models", "list").out
    assert all(name in said for name in KNOWN)
    assert "1.32 B" in said
    assert "opt-175b *" in said
    assert "* no commercial use" in said
    assert "4 bytes a parameter" in said
    assert "9.00 GB of memory, 2 cores, A card with 4.00 GB" in said


def test_what_is_here_already_is_said(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    for name, changes in {"phi-2": {}, "tinyllama": {"num_hidden_layers": 2}}.items():
        card = card_of(name)
        assert card is not None
        (own / name).mkdir(parents=True)
        (own / name / "config.json").write_text(json.dumps({**card.shape, **changes}))
        (own / name / "model.safetensors").write_bytes(b"x")
    monkeypatch.setenv("HATETINYLLM_MODELS", str(own))
    listed = call("models", "list", "--json").json
    assert {one["name"]: one["here"] for one in listed if one["here"]} == {"phi-2": str(own / "phi-2")}
    assert {one["name"]: one["other"] for one in listed if one["other"]} == {"tinyllama": str(own / "tinyllama")}
    assert "other: the folder of this name" in call("models", "list").out
    assert "does not hold this model" in call("models", "show", "tinyllama").out


def test_a_model_is_shown_whole(call) -> None:
    said = call("models", "show", "opt-1.3b").out
    for expected in (
        "1,315,758,080",
        "3f5c25d0bc631cb57ac65913f76e22c2dfb61d62",
        "no commercial use",
        "model.pickled = true",
        "LoRA on every linear layer",
        "ffn_dim",
    ):
        assert expected in said
    shown = call("models", "show", "gemma-3-270m", "--json").json
    assert shown["licence"]["id"] == "gemma"
    assert shown["shape"]["head_dim"] == 256
    assert "15 × sliding_attention, 3 × full_attention" in call("models", "show", "gemma-3-270m").out


def test_a_model_of_the_users_own_shape_has_no_card(call) -> None:
    answer = call("models", "show", "hub")
    assert answer.code == 2
    assert "its shape is what you choose" in answer.err


def test_an_unknown_model_is_told(call) -> None:
    assert "did you mean 'phi-2'" in call("models", "show", "phi").err


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["show", "phi-2"]])
def test_looking_at_models_loads_no_heavy_module(own_cache: Path, arguments: list[str]) -> None:
    look = (
        "import sys; from hatetinyllm.cli.main import start; "
        f"code = start(['models', *{arguments!r}]); print(code, *sys.modules, file=sys.stderr)"
    )
    environment = {**os.environ, "HATETINYLLM_CACHE": str(own_cache)}
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, env=environment)
    code, *modules = done.stderr.split()
    assert code == "0"
    assert not {"torch", "transformers", "huggingface_hub", "pydantic", "numpy", "sklearn"} & set(modules)


def test_the_built_in_is_shown_by_info(call) -> None:
    answer = call("models", "show", "builtin")
    assert answer.code == 2
    assert "hatetinyllm info builtin" in answer.err
