import numpy as np
import pytest

from hatetinyllm.data.corpus.judged import Judged, load_judged, load_set, near_kin, recorded_kin, wrong_sets
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.errors import DataError, LicenceError
from hatetinyllm.types import Example


def test_judged_are_dev_and_test_or_every_row() -> None:
    splits = load_dataset("demo")
    judged = load_judged(["demo"])
    assert len(judged.rows["demo"]) == len(splits.dev) + len(splits.test)
    assert judged.notes == (f"judged on demo: {len(judged.rows['demo']):,} texts",)
    assert len(load_judged(["demo:all"]).rows["demo"]) == len(list(splits.rows()))
    assert len(load_set("demo:random").test) != len(splits.test)


def test_a_set_without_dev_and_test_asks_for_its_split(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    whole = load_dataset("demo")
    monkeypatch.setattr("hatetinyllm.data.corpus.judged.load_dataset", lambda name: replace(whole, dev=(), test=()))
    with pytest.raises(DataError, match="no dev and no test part") as caught:
        load_judged(["demo"])
    assert "demo:grouped" in str(caught.value)
    assert load_judged(["demo:random"]).texts


@pytest.mark.parametrize(
    ("word", "judged", "told"),
    [
        ("dema", True, "there is no dataset 'dema' (did you mean 'demo'?)"),
        ("demo:groupd", True, "there is no split 'groupd' (did you mean 'grouped'?)"),
        ("demo:", True, "there is no split ''"),
        ("demo:all", False, "there is no split 'all'"),
    ],
)
def test_wrong_names_are_told_before_anything_is_loaded(word: str, judged: bool, told: str) -> None:
    assert [told in problem for problem in wrong_sets([word], judged=judged)] == [True]
    assert wrong_sets(["demo", "demo:grouped"], judged=judged) == []
    assert wrong_sets(["demo", "demo"], judged=judged) == ["'demo' stands 2 times"]


def test_consent_is_asked_for_judged_sets_too() -> None:
    with pytest.raises(LicenceError, match="no commercial use"):
        load_judged(["hateval"])


def test_recorded_kin_are_rows_partners_and_groups_of_the_same_set() -> None:
    held = [Example(text="t", id="1", partners=("2",), group="g"), Example(text="t", id="9")]
    judged = Judged(rows={"mine": held})
    rows = [
        Example(text="the row itself", id="1"),
        Example(text="named by it", id="2"),
        Example(text="names it", id="3", partners=("9",)),
        Example(text="of its group", id="4", group="g"),
        Example(text="a stranger", id="5", partners=("6",), group="h"),
    ]
    assert recorded_kin("mine", rows, judged).tolist() == [True, True, True, True, False]
    assert not recorded_kin("other", rows, judged).any()


def test_near_kin_share_words_or_characters() -> None:
    judged = Judged(texts=("those folks over there are really not welcome in here", "a sunny day at the beach with friends"))
    texts = [
        "those folk over there are realy not welcome in here!!",  # no eight words in a row
        "he said those folks over there are really not welcome and then went on for a long while about something else entirely",
        "the weather is fine and the sea is calm",
    ]
    assert near_kin(texts, judged, threshold=0.6).tolist() == [True, True, False]
    assert near_kin(texts, judged, threshold=1.0).tolist() == [False, True, False]
    assert near_kin(texts, Judged(), threshold=0.6).tolist() == [False] * 3
    assert isinstance(near_kin([], judged, threshold=0.6), np.ndarray)
