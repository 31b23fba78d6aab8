"""Errors speak: the message, then every problem on a line of its own, and the nearest right word."""

from hatetinyllm.errors import HateTinyLLMError, did_you_mean


def test_an_error_tells_all_its_problems() -> None:
    assert str(HateTinyLLMError("it failed", ["one", "two"])) == "it failed\n  - one\n  - two"
    assert str(HateTinyLLMError("it failed")) == "it failed"


def test_the_nearest_word_is_offered_or_all_of_them() -> None:
    assert did_you_mean("rnk", ["rank", "alpha"]) == "did you mean 'rank'?"
    assert did_you_mean("zzz", ["rank", "alpha"]) == "known: alpha, rank"
    assert did_you_mean("zzz", []) == "known: none"
