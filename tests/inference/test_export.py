"""What is exported answers as before, from one file of weights; what would not is refused and leaves nothing behind."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open

from hatetinyllm.bundle import GRAPH, Bundle, read_bundle, write_again
from hatetinyllm.errors import BundleError
from hatetinyllm.inference import export as exporting
from hatetinyllm.inference.detector import Detector, engine_of
from hatetinyllm.inference.export import export, stored
from hatetinyllm.training.follow import train
from hatetinyllm.types import Curve

TEXTS = ["they are welcome here", "nobody likes people", "all people are here"]
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def adapter(checkpoint: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Bundle]:
    """Trains a LoRA over a tiny checkpoint for an epoch."""

    def make(kind: str) -> Bundle:
        recipe = {
            "data": {"name": "demo"},
            "split": {"name": "official"},
            "text": {"max_tokens": 32, "overlap_tokens": 8},
            "model": {"name": "hub", "id": str(checkpoint(kind))},
            "tuning": {"name": "lora", "rank": 2},
            "train": {"epochs": 1, "batch_size": 64, "learning_rate": 1e-2, "device": "cpu"},
        }
        return train(recipe, tmp_path / "run").bundle

    return make


def test_an_adapter_is_folded_into_one_file_for_both_engines(adapter: Callable[[str], Bundle], tmp_path: Path) -> None:
    bundle = adapter("Llama")
    made = export(bundle, tmp_path / "out")
    manifest = made.bundle.manifest
    assert (bundle.manifest.form, manifest.form, manifest.base) == ("adapter", "standalone", None)
    assert {"tokenizer.json", "config.json", "model.safetensors", GRAPH} <= made.bundle.files
    assert "adapter_config.json" not in made.bundle.files
    expected = Detector.open(bundle.folder).scores(TEXTS)
    for engine in ("torch", "onnx"):
        assert Detector.open(made.bundle.folder, engine=engine).scores(TEXTS) == pytest.approx(expected, abs=1e-4)
    assert made.change < 1e-5
    assert made.probes > 400


def test_half_is_half_the_size_and_says_what_it_cost(golden_bundle: Path, tmp_path: Path) -> None:
    whole, half = (export(read_bundle(golden_bundle), tmp_path / str(half), half=half) for half in (False, True))
    assert half.weights_bytes == half.bundle.weights.stat().st_size < 0.52 * whole.weights_bytes
    assert whole.change < half.change < exporting.MOST_CHANGE
    with safe_open(half.bundle.weights, framework="np") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118 - no mapping


def test_a_score_that_would_change_too_much_is_refused_and_nothing_is_written(
    golden_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_CHANGE", 1e-5)
    with pytest.raises(BundleError, match="change scores too much") as caught:
        export(read_bundle(golden_bundle), tmp_path / "out", half=True)
    assert caught.value.problems[0].startswith("hate: 0.00")
    assert not list(tmp_path.iterdir())


def test_what_is_judged_is_what_a_verdict_says(copied_bundle: Path, tmp_path: Path) -> None:
    golden = read_bundle(copied_bundle)
    steep = Curve(scores=(0.0, 0.02, 0.021, 1.0), values=(0.01, 0.01, 0.99, 0.99))
    bent = write_again(golden, copied_bundle, replace(golden.manifest, curve=steep))
    with pytest.raises(BundleError, match="change scores too much"):
        export(bent, tmp_path / "out", half=True)


def test_another_kind_of_decoder_is_refused_in_words(adapter: Callable[[str], Bundle], tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="only a Llama-shaped decoder") as caught:
        export(adapter("OPT"), tmp_path / "out")
    assert "model_type is 'opt', expected 'llama'" in caught.value.problems
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_stays(golden_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is there already"):
        export(read_bundle(golden_bundle), tmp_path)


def test_an_export_is_exported_again_to_the_same_bytes(exported_bundle: Path, tmp_path: Path) -> None:
    again = export(read_bundle(exported_bundle), tmp_path / "again", half=True)
    assert again.bundle.identity == read_bundle(exported_bundle).identity
    assert again.change < 1e-5


def test_an_exported_bundle_is_opened_by_onnx_and_any_other_by_torch(exported_bundle: Path, golden_bundle: Path) -> None:
    assert engine_of(read_bundle(exported_bundle)) == "onnx"
    assert engine_of(read_bundle(golden_bundle)) == "torch"


def test_where_a_tensor_lies_is_read_from_the_head(golden_bundle: Path) -> None:
    weights = golden_bundle / "model.safetensors"
    head = json.loads(weights.read_bytes()[8:].partition(b"}}")[0] + b"}}")
    found = stored(weights)
    assert found.keys() == head.keys() - {"__metadata__"}
    assert max(one.offset + one.length for one in found.values()) == weights.stat().st_size
