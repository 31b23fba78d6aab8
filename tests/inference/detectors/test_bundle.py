"""A bundle gives the scores of its verdicts, and says whose thresholds decide."""

from pathlib import Path

import numpy as np
import pytest

from hatetinyllm.errors import BundleError, UnknownName
from hatetinyllm.inference.detector import Detector
from hatetinyllm.inference.detectors.bundle import open_detector

TEXTS = ["Tell them all to leave our street.", "", "The bakery opens at seven."]


def test_scores_are_those_of_the_verdicts_and_nothing_to_read_has_none(golden_bundle: Path) -> None:
    told: list[int] = []
    found = open_detector(str(golden_bundle)).ask(TEXTS, told.append)
    np.testing.assert_array_equal(found.scores, Detector.open(golden_bundle).scores(TEXTS))
    assert found.reasons == {1: "empty_text"}
    assert told == [3]


def test_the_mode_brings_its_thresholds_and_the_digest_is_the_identity(golden_bundle: Path) -> None:
    detector, bundle = open_detector(str(golden_bundle), mode="balanced"), Detector.open(golden_bundle).bundle
    assert detector.band == bundle.manifest.bands["balanced"]
    assert (detector.identity, detector.mode, detector.asked) == (bundle.identity, "balanced", "hate")
    assert detector.learnt_from == "demo"


def test_an_unknown_mode_and_a_missing_bundle_are_told(golden_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no mode 'balenced'"):
        open_detector(str(golden_bundle), mode="balenced")
    with pytest.raises(BundleError):
        open_detector(str(tmp_path / "nowhere"))
