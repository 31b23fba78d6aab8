"""Verdicts are the same alone and in any batch, and what cannot be read gets a reason."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hatetinyllm.bundle import read_bundle, write_again
from hatetinyllm.errors import BundleError, UnknownName
from hatetinyllm.folder import write_sums
from hatetinyllm.inference.detector import Detector
from hatetinyllm.scores import score_of
from hatetinyllm.types import Curve, Reason, Verdict

TOLERANCE = 2e-6  # the last shown digit may differ with the shape of a batch


def alike(one: Verdict, other: Verdict) -> bool:
    """Equal in everything but the last digit of a score."""
    same = (one.guess, one.label, one.reason, one.mode) == (other.guess, other.label, other.reason, other.mode)
    return same and np.allclose([one.score or 0], [other.score or 0], atol=TOLERANCE)


@pytest.fixture(scope="module")
def detector(golden_bundle: Path) -> Detector:
    return Detector.open(golden_bundle)


@pytest.fixture(scope="module")
def texts(golden_cases: list[dict[str, object]]) -> list[str]:
    return [str(case["text"]) for case in golden_cases]


def test_one_text_and_many_give_the_same_verdicts(detector: Detector, texts: list[str]) -> None:
    together = detector.classify_all(texts)
    assert len(together) == len(texts)
    assert all(alike(detector.classify(text), verdict) for text, verdict in zip(texts, together, strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_what_stands_beside_a_text_changes_nothing(detector: Detector, texts: list[str], seed: int) -> None:
    expected = dict(zip(texts, detector.classify_all(texts), strict=True))
    mixed = random.Random(seed).choices(texts, k=3 * len(texts))
    assert all(alike(verdict, expected[text]) for text, verdict in zip(mixed, detector.classify_all(mixed), strict=True))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", Reason.EMPTY_TEXT),
        ("  \n\t", Reason.EMPTY_TEXT),
        ("\u200b\u200b", Reason.EMPTY_TEXT),
        (None, Reason.NOT_TEXT),
        (3, Reason.NOT_TEXT),
        (["a"], Reason.NOT_TEXT),
        ("a" * 1_000_001, Reason.TOO_LARGE),
    ],
)
def test_what_cannot_be_read_gets_a_reason_and_the_batch_goes_on(detector: Detector, given: object, reason: Reason) -> None:
    before, odd, after = detector.classify_all(["the weather is nice", given, "they are not welcome here"])
    assert (odd.reason, odd.label, odd.score) == (reason, None, None)
    assert before.label is not None
    assert after.label is not None


def test_nothing_asked_is_nothing_answered(detector: Detector) -> None:
    assert detector.classify_all([]) == []
    assert [verdict.reason for verdict in detector.classify_all(["", None])] == [Reason.EMPTY_TEXT, Reason.NOT_TEXT]


def test_a_long_text_is_read_to_its_end(detector: Detector, texts: list[str]) -> None:
    hateful = max(texts, key=lambda text: detector.classify(text).score or 0)
    filler = "the baker opens at seven and the bread is warm . " * 60
    longest = detector.classify(f"{filler} {hateful}")
    assert (longest.score or 0) > (detector.classify(filler).score or 0)


def test_scores_are_those_of_the_verdicts_and_nan_where_refused(detector: Detector) -> None:
    scores = detector.scores(["a text", ""])
    assert scores[0] == detector.classify("a text").score
    assert np.isnan(scores[1])


def test_log_odds_are_what_the_net_says_before_any_calibration(detector: Detector, texts: list[str], copied_bundle: Path) -> None:
    long = "the baker opens at seven and the bread is warm . " * 60
    odds = detector.log_odds([*texts, long])
    np.testing.assert_allclose(score_of(odds), detector.scores([*texts, long]), atol=5.1e-5)
    assert np.isnan(detector.log_odds(["", "a" * 1_000_001])).all()
    golden = read_bundle(copied_bundle)
    curve = Curve(scores=(0.0, 0.5, 1.0), values=(0.1, 0.2, 0.9))
    warm = Detector.open(
        write_again(golden, copied_bundle, replace(golden.manifest, temperatures={"hate": 2.5}, curve=curve)).folder
    )
    np.testing.assert_allclose(warm.log_odds(texts), odds[:-1], atol=1e-4)
    np.testing.assert_allclose(warm.scores(texts), score_of(odds[:-1], 2.5, curve), atol=6e-5)


def test_an_unknown_mode_is_told(detector: Detector) -> None:
    with pytest.raises(UnknownName, match="no mode 'best-gues'"):
        detector.classify("a", mode="best-gues")


def test_an_unknown_engine_is_told(golden_bundle: Path) -> None:
    with pytest.raises(UnknownName, match="no engine 'torhc'"):
        Detector.open(golden_bundle, engine="torhc")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"normaliser": 99}, "normaliser is 99"),
        ({"max_tokens": 0}, "max_tokens is 0"),
        ({"max_tokens": "many"}, "max_tokens must be a whole number of ordinary size, got many"),
        ({"max_tokens": True}, "max_tokens must be a whole number"),
        ({"max_tokens": 2**40}, "max_tokens must be a whole number"),
        ({"overlap_tokens": 4096}, "overlap_tokens is 4096"),
        ({"unheard": 1}, "unknown key 'unheard'"),
        ({"unheard": 2**40}, "unknown key 'unheard'"),
        ({"prompt": 5}, "prompt must be a text, got 5"),
        ({"prompt": None}, "prompt must be a text, got None"),
        ({"prompt": "no place"}, "prompt has {text} 0 times"),
        ({"prompt": "{text}" + "x" * 10_000}, "prompt has 10,006 characters"),
        ({"prompt": "{text} 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9"}, "tokens of the prompt"),
    ],
)
def test_text_settings_that_make_no_sense_are_refused(copied_bundle: Path, change: dict[str, object], said: str) -> None:
    with pytest.raises(BundleError) as caught:
        Detector.open(with_text(copied_bundle, change))
    assert said in str(caught.value)


def test_a_bundle_reads_texts_inside_its_prompt(copied_bundle: Path) -> None:
    detector = Detector.open(copied_bundle)
    asked = Detector.open(with_text(copied_bundle, {"prompt": "the post : {text} ."}))
    texts = ["they are not welcome in this town", "the weather is nice today", "a {text} \n with <s> in it"]
    expected = detector.scores([f"the post : {text} ." for text in texts])
    assert asked.scores(texts) == pytest.approx(expected, abs=TOLERANCE)
    assert not np.allclose(asked.scores(texts), detector.scores(texts), atol=1e-3)
    assert asked.classify("").reason is Reason.EMPTY_TEXT


def with_text(bundle: Path, change: dict[str, object]) -> Path:
    """The bundle with other text settings."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["text"] |= change
    path.write_text(json.dumps(manifest), encoding="utf-8")
    write_sums(bundle)
    return bundle


@pytest.fixture
def english(copied_bundle: Path) -> Detector:
    golden = read_bundle(copied_bundle)
    return Detector.open(write_again(golden, copied_bundle, replace(golden.manifest, languages=("en",))).folder)


def test_a_text_in_another_language_gets_no_score_of_a_bundle_for_english(english: Detector, detector: Detector) -> None:
    german, plain = "das ist nicht das Ende der Welt", "they are not welcome here"
    found = english.classify_all([german, plain, "", None])
    assert [verdict.reason for verdict in found] == [Reason.LANGUAGE, detector.classify(plain).reason, "empty_text", "not_text"]
    assert (found[0].guess, found[0].label, found[0].score, found[0].scores) == (None, None, None, {})
    assert alike(found[1], detector.classify(plain))
    assert np.isnan(english.scores([german])).all()
    assert np.isnan(english.log_odds([german])).all()


def test_a_bundle_that_names_no_language_reads_every_text(detector: Detector) -> None:
    assert detector.classify("das ist nicht das Ende der Welt").score is not None
