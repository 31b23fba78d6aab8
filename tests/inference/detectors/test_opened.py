"""One word opens a detector of any kind; options of another kind are refused."""

from pathlib import Path

import pytest

from hatetinyllm.errors import DetectorError, HateTinyLLMError
from hatetinyllm.inference.detectors import DETECTORS
from hatetinyllm.inference.detectors.opened import example, kind_and_place, open_any


def test_a_word_without_a_kind_is_a_bundle(golden_bundle: Path) -> None:
    assert open_any(str(golden_bundle)).kind == open_any(f"bundle:{golden_bundle}").kind == "bundle"
    assert kind_and_place("C:\\runs\\bundle") == ("bundle", "C:\\runs\\bundle")
    assert kind_and_place("openai:http://here:80/v1") == ("openai", "http://here:80/v1")


def test_options_that_were_not_given_are_left_out(golden_bundle: Path) -> None:
    assert open_any(str(golden_bundle), mode="balanced", category=None).mode == "balanced"


def test_an_option_of_another_kind_is_refused(golden_bundle: Path) -> None:
    with pytest.raises(DetectorError, match="it has no --key-env") as told:
        open_any(str(golden_bundle), key_env="KEY", positive="hate")
    assert len(told.value.problems) == 2
    assert "--mode" in told.value.problems[0]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("opanai:http://x", "did you mean 'openai'"),
        ("https://example.org", "openai:https:..."),
        ("openai:", "nothing|something must stand"),
    ],
)
def test_words_that_open_nothing_are_told(word: str, said: str) -> None:
    with pytest.raises(HateTinyLLMError, match=said):
        open_any(word)


def test_there_is_an_example_of_every_kind() -> None:
    assert all("..." not in example(kind) for kind in DETECTORS)
