"""Adapter bundles stand on their named base, proved by its digest; every other base is refused."""

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import BundleError, ModelError
from hatetinyllm.evaluation.evaluate import evaluate
from hatetinyllm.folder import write_sums
from hatetinyllm.inference.detector import Detector
from hatetinyllm.training.follow import Outcome, train
from hatetinyllm.tuning import TUNINGS

TEXTS = ["they are welcome here", "nobody likes people"]


def recipe(base: Path, **bundle: str) -> dict[str, Any]:
    return {
        "data": {"name": "demo"},
        "split": {"name": "official"},
        "text": {"max_tokens": 32, "overlap_tokens": 8},
        "model": {"name": "hub", "id": str(base)},
        "tuning": {"name": "lora", "rank": 2},
        "train": {"epochs": 1, "batch_size": 64, "learning_rate": 1e-2, "device": "cpu"},
        "bundle": bundle,
    }


@pytest.fixture
def base(checkpoint: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint("OPT"), tmp_path / "base"))


@pytest.fixture
def trained(base: Path, tmp_path: Path) -> Outcome:
    return train(recipe(base), tmp_path / "run")


def test_an_adapter_is_what_a_run_over_a_base_saves(trained: Outcome, base: Path) -> None:
    manifest = trained.bundle.manifest
    assert manifest.form == "adapter"
    assert manifest.base is not None
    assert manifest.base.source == str(base)
    assert (trained.bundle.folder / "adapter_model.safetensors").stat().st_size < (base / "model.safetensors").stat().st_size


def test_adapter_and_standalone_give_the_same_verdicts(trained: Outcome, base: Path, tmp_path: Path) -> None:
    alone = train(recipe(base, form="standalone"), tmp_path / "alone")
    assert alone.bundle.manifest.form == "standalone"
    assert alone.bundle.manifest.base is None
    scores = [Detector.open(outcome.bundle.folder).scores(TEXTS) for outcome in (trained, alone)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)


@pytest.mark.parametrize("name", [name for name in TUNINGS if name not in ("full", "head", "lora")])
def test_a_bundle_of_any_tuning_says_what_was_judged(base: Path, tmp_path: Path, name: str) -> None:
    if name == "qlora":
        pytest.importorskip("bitsandbytes", reason="bitsandbytes is not here: install the extra gpu")
    outcome = train({**recipe(base), "tuning": {"name": name}}, tmp_path / "run")
    assert outcome.bundle.manifest.form == "adapter"
    detector = Detector.open(outcome.bundle.folder)
    again = evaluate(detector.scores, load_dataset("demo").test, detector.heads[0], name="test")
    assert again.confusion == outcome.results[0].confusion
    assert again.metrics["auroc"] == pytest.approx(outcome.results[0].metrics["auroc"], abs=1e-3)


def test_a_base_that_moved_is_found_by_hand(trained: Outcome, base: Path, tmp_path: Path) -> None:
    before = Detector.open(trained.bundle.folder).scores(TEXTS)
    moved = base.rename(tmp_path / "moved")
    with pytest.raises(ModelError, match="there is no folder") as caught:
        Detector.open(trained.bundle.folder)
    assert "--base" in caught.value.problems[-1]
    assert Detector.open(trained.bundle.folder, base=moved).scores(TEXTS) == pytest.approx(before, abs=1e-6)


@pytest.fixture
def over_pickled(base: Path, tmp_path: Path) -> Callable[[bool], Path]:
    """Gives a bundle over a base with only pickled weights, as it comes to a machine that has no copy; was that allowed?"""

    def make(allowed: bool) -> Path:
        torch.save(load_file(base / "model.safetensors"), base / "pytorch_model.bin")
        (base / "model.safetensors").unlink()
        asked = recipe(base)
        asked["model"]["pickled"] = True
        folder = train(asked, tmp_path / "run").bundle.folder
        if not allowed:
            path = folder / "manifest.json"
            manifest = json.loads(path.read_text(encoding="utf-8"))
            manifest["model"]["options"]["pickled"] = False
            path.write_text(json.dumps(manifest), encoding="utf-8")
            write_sums(folder)
        return folder

    return make


def test_over_a_pickled_base_it_opens_on_another_machine(over_pickled: Callable[[bool], Path], own_cache: Path) -> None:
    folder = over_pickled(True)
    before = list(Detector.open(folder).scores(TEXTS))
    shutil.rmtree(own_cache / "models")
    assert list(Detector.open(folder).scores(TEXTS)) == before
    assert list(own_cache.rglob("model.safetensors"))


def test_over_a_pickled_base_nothing_is_read_that_nobody_allowed(
    over_pickled: Callable[[bool], Path], base: Path, own_cache: Path
) -> None:
    folder = over_pickled(False)
    before = list(Detector.open(folder).scores(TEXTS))
    shutil.rmtree(own_cache / "models")
    with pytest.raises(BundleError, match="has no safetensors here") as caught:
        Detector.open(folder)
    assert not (own_cache / "models").exists()
    with pytest.raises(BundleError, match="has no safetensors here"):
        Detector.open(folder, base=base)
    python, option, code = shlex.split(caught.value.problems[-1])
    assert (python, option) == ("python", "-c")
    exec(code)
    assert list(Detector.open(folder).scores(TEXTS)) == before


def test_another_base_is_refused(trained: Outcome, base: Path) -> None:
    weights = base / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(BundleError, match="is not the base of"):
        Detector.open(trained.bundle.folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "loar", "options": {}}, "did you mean 'lora'"),
        ({"name": "head", "options": {}}, "adds no adapter"),
        ({"name": "lora", "options": {"rank": 4}}, "does not fit its base and its tuning"),
        ({"name": "lora", "options": {"rnk": 4}}, "rnk"),
        ({"name": "lora", "options": {"rank": 10**9}}, "does not fit its base and its tuning"),
    ],
)
def test_a_tuning_the_adapter_does_not_fit_is_refused(trained: Outcome, change: dict[str, object], said: str) -> None:
    path = trained.bundle.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "tuning": change}), encoding="utf-8")
    write_sums(trained.bundle.folder)
    with pytest.raises(BundleError) as caught:
        Detector.open(trained.bundle.folder)
    assert said in str(caught.value)
