"""The engine without torch gives the verdicts of the one with it, loads none of the heavy libraries, and tells what is wrong."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from hatetinyllm.bundle import GRAPH, read_bundle
from hatetinyllm.errors import BundleError
from hatetinyllm.folder import write_sums
from hatetinyllm.inference.detector import Detector
from hatetinyllm.inference.engines.onnx import BATCH_TOKENS, OnnxEngine, open_engine, padded
from hatetinyllm.inference.export import export
from hatetinyllm.inference.protobuf import FLOAT, INT64, model, node, value

HEAVY = {
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "sklearn",
    "scipy",
    "pydantic",
    "pyarrow",
    "huggingface_hub",
    "safetensors",
}
ALONE = """
import json, sys
from pathlib import Path
import hatetinyllm.builtin.place as place
place.FOLDER = Path(sys.argv[1])
sys.argv = ["hatetinyllm", "classify", "--json", "they are not welcome in this town"]
from hatetinyllm.__main__ import run
try:
    run()
except SystemExit as end:
    assert not end.code
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_golden_verdicts_are_its_own(golden_bundle: Path, golden_cases: list, tmp_path: Path) -> None:
    whole = export(read_bundle(golden_bundle), tmp_path / "whole").bundle.folder
    detector = Detector.open(whole, engine="onnx")
    for case in golden_cases:
        found, expected = asdict(detector.classify(case["text"], mode=case["mode"])), case["verdict"]
        assert (found["label"], found["reason"]) == (expected["label"], expected["reason"])
        assert found["score"] == pytest.approx(expected["score"], abs=1e-5)


def test_it_agrees_with_torch_on_the_same_file(exported_bundle: Path, golden_cases: list) -> None:
    texts = [case["text"] for case in golden_cases] + ["the baker opens at seven . " * 60]
    one, other = (Detector.open(exported_bundle, engine=engine).scores(texts) for engine in ("onnx", "torch"))
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_windows_come_back_in_their_order_whatever_the_batches(exported_bundle: Path) -> None:
    engine = OnnxEngine(exported_bundle, n_labels=2, threads=1)
    drawn = np.random.default_rng(0)
    windows = [drawn.integers(3, 4096, size).tolist() for size in drawn.integers(1, 60, 100)]
    assert sum(map(len, windows)) > BATCH_TOKENS
    alone = np.concatenate([engine.logits([window]) for window in windows])
    np.testing.assert_allclose(engine.logits(windows), alone, atol=1e-5)
    assert engine.logits([]).shape == (0, 2)


def test_a_verdict_of_the_built_in_loads_nothing_heavy(exported_bundle: Path, own_cache: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(exported_bundle)], env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    verdict, modules = map(json.loads, done.stdout.splitlines())
    assert verdict["label"] in ("hate", "not_hate")
    assert "onnxruntime" in modules
    assert not HEAVY & set(modules)


def test_a_bundle_that_was_not_exported_is_told_how(golden_bundle: Path) -> None:
    with pytest.raises(BundleError, match=r"has no graph\.onnx") as caught:
        Detector.open(golden_bundle, engine="onnx")
    assert "hatetinyllm export" in caught.value.problems[0]


def test_a_graph_that_is_not_listed_is_never_read(exported_bundle: Path, copied_bundle: Path) -> None:
    shutil.copy(exported_bundle / GRAPH, copied_bundle / GRAPH)
    with pytest.raises(BundleError, match="has no graph"):
        open_engine(read_bundle(copied_bundle))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no graph", "is no graph that ONNX Runtime can open"),
        (
            model([node("Identity", ["x"], ["y"])], [], [value("x", FLOAT, (1,))], [value("y", FLOAT, (1,))], name="g"),
            "is no graph of ours",
        ),
        (
            model(
                [node("Cast", ["input_ids"], ["logits"], to=FLOAT)],
                [],
                [value("input_ids", INT64, ("b", "t")), value("lengths", INT64, ("b",))],
                [value("logits", FLOAT, ("b", "t"))],
                name="g",
            ),
            "answers in the shape",
        ),
    ],
)
def test_another_graph_is_refused(exported_bundle: Path, tmp_path: Path, content: bytes, said: str) -> None:
    broken = Path(shutil.copytree(exported_bundle, tmp_path / "broken"))
    (broken / GRAPH).write_bytes(content)
    write_sums(broken)
    with pytest.raises(BundleError, match=said):
        Detector.open(broken, engine="onnx").classify("they are not welcome in this town")


def test_ids_the_weights_do_not_know_are_an_error_in_words(exported_bundle: Path) -> None:
    with pytest.raises(BundleError, match="cannot answer"):
        OnnxEngine(exported_bundle, n_labels=2, threads=1).logits([[4096]])


def test_texts_are_filled_up_on_the_right() -> None:
    ids, lengths = padded([[5], [6, 7, 8]])
    assert ids.tolist() == [[5, 0, 0], [6, 7, 8]]
    assert lengths.tolist() == [1, 3]
