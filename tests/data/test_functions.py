"""The functions of HateCheck are all described, and each name says which label it expects."""

from hatetinyllm.data.functions import HATECHECK


def test_all_29_are_there_and_end_with_their_label() -> None:
    assert len(HATECHECK) == 29
    assert {name.rpartition("_")[2] for name in HATECHECK} == {"h", "nh"}
    assert len(set(HATECHECK.values())) == 29
