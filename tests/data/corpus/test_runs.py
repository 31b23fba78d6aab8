import pytest

from hatetinyllm.data.corpus.runs import learn_runs, shares_run, words_of

LONG = "Those people over there should never be let into our town again, I say"
SHORT = "they are not welcome"  # four words
SHORTEST = "Go away!"


@pytest.mark.parametrize(
    ("text", "met"),
    [
        (LONG, True),
        ("he wrote: THOSE PEOPLE, over there, should never be let -- and stopped", True),  # eight in a row
        ("those people over there should never be", False),  # seven
        ("those people over there should not never be let into our town", False),
        ("They’re here, and they are\nnot welcome. Well", True),
        ("they are not so welcome", False),
        ("go away", True),
        ("please go away now", False),
        ("", False),
        ("?!", False),
        ("t\u200bhose p\u00adeople over there should never be let", True),
        ("ｔｈｏｓｅ people over there should never be let", True),
    ],
)
def test_a_text_is_met_by_a_run_of_words(text: str, met: bool) -> None:
    runs = learn_runs([LONG, SHORT, SHORTEST, ""])
    assert shares_run([text], runs).tolist() == [met]
    assert shares_run(["an innocent text of some words", text, "another"], runs).tolist() == [False, met, False]


def test_no_run_reaches_from_one_text_into_the_next() -> None:
    halves = ["those people over there", "should never be let into our town"]
    assert not shares_run(halves, learn_runs([LONG])).any()


def test_nothing_is_met_where_nothing_was_learnt() -> None:
    assert not shares_run([LONG, ""], learn_runs([])).any()
    assert shares_run([], learn_runs([LONG])).tolist() == []


def test_the_shortest_are_met_without_any_run() -> None:
    assert shares_run(["GO AWAY", LONG], learn_runs([SHORTEST])).tolist() == [True, False]


def test_words_are_compared_without_signs() -> None:
    assert words_of("Don't _you_ #dare, U.S.!") == ["dont", "you", "dare", "u", "s"]
