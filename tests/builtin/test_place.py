"""The built-in bundle is named by one word; where there is none, that is said."""

from pathlib import Path

import pytest

from hatetinyllm.builtin.place import BUILTIN, FOLDER, bundle_folder
from hatetinyllm.bundle import GRAPH, name_of, read_bundle
from hatetinyllm.errors import BundleError
from hatetinyllm.inference.detector import Detector

LARGEST_BYTES = 16_000_000


def test_the_word_names_it_and_every_other_word_a_folder(built_in: Path) -> None:
    assert bundle_folder(BUILTIN) == bundle_folder(Path(BUILTIN)) == built_in
    assert bundle_folder("./builtin") == Path("builtin")
    assert bundle_folder("runs/first/bundle") == Path("runs/first/bundle")


def test_an_installation_without_one_says_so(no_built_in: None) -> None:
    with pytest.raises(BundleError, match="no built-in model") as caught:
        bundle_folder(BUILTIN)
    assert "--bundle" in caught.value.problems[0]


def test_it_goes_by_its_word() -> None:
    assert name_of(FOLDER) == BUILTIN


def test_the_one_that_ships_is_small_and_answers_without_torch() -> None:
    if not FOLDER.is_dir():
        pytest.skip("THE BUILT-IN BUNDLE IS NOT HERE YET: nothing that ships was tested")
    bundle = read_bundle(bundle_folder(BUILTIN))
    assert GRAPH in bundle.files
    assert bundle.weights.stat().st_size <= LARGEST_BYTES
    texts = ["the weather is nice today", "WOMEN have no place in this office", "a " * 400]
    scores = [Detector.open(BUILTIN, engine=engine).scores(texts) for engine in ("onnx", "torch")]
    assert scores[0] == pytest.approx(scores[1], abs=1e-3)
