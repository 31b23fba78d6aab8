"""What comes out is bound by everything that went in, whatever the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatetinyllm.data.licence import LICENCES, UNRECORDED, effective_licence, licence, say_effective
from hatetinyllm.errors import UnknownName

some = st.lists(st.sampled_from(sorted(LICENCES)), max_size=6)


@given(some, some)
def test_together_is_as_strict_as_the_strictest(one: list[str], other: list[str]) -> None:
    together, first, second = effective_licence(one + other), effective_licence(one), effective_licence(other)
    said = {first.commercial, second.commercial}
    assert together.commercial is (False if False in said else None if None in said else True)
    for duty in ("licences", "attribution", "share_alike", "unstated"):
        assert set(getattr(together, duty)) == {*getattr(first, duty), *getattr(second, duty)}


@given(some)
def test_order_and_repetition_change_nothing(ids: list[str]) -> None:
    assert effective_licence(ids) == effective_licence([*reversed(ids), *ids])
    assert say_effective(ids) == say_effective([*reversed(ids), *ids])


@given(some)
def test_every_duty_belongs_to_a_licence_that_went_in(ids: list[str]) -> None:
    effective = effective_licence(ids)
    assert set(effective.licences) == set(ids)
    assert (effective.commercial is False) == any(not LICENCES[id].commercial for id in ids)
    assert {*effective.attribution, *effective.share_alike, *effective.unstated} <= set(ids)


def test_one_non_commercial_part_makes_the_whole_non_commercial() -> None:
    assert effective_licence(["mit", "cc0-1.0"]).commercial
    assert not effective_licence(["mit", "cc-by-nc-4.0"]).commercial


def test_the_sentence_says_every_duty() -> None:
    assert say_effective(["cc-by-nc-sa-4.0", "citation"]) == (
        "no commercial use; name the sources under CC BY-NC-SA 4.0; cite the sources that state no licence; "
        "pass it on under the terms of CC BY-NC-SA 4.0"
    )
    assert say_effective(["own"]) == "commercial use is allowed; what your own data asks is for you to say"
    assert say_effective([]) == "no licence is recorded"


def test_the_terms_of_a_base_model_count() -> None:
    assert effective_licence(["cc0-1.0"], ["mit"]).commercial is True
    assert effective_licence(["cc0-1.0"], ["opt-175b"]).commercial is False
    assert say_effective(["own"], ["opt-175b"]).startswith("no commercial use; name the sources under OPT-175B License Agreement")
    for said in ("llama2", "not stated by a/b"):
        assert effective_licence(["mit"], [said]).commercial is None
        assert say_effective(["own"], [said]) == (
            f"whether commercial use is allowed is not stated; the licence of the base model: {said}; "
            "what your own data asks is for you to say"
        )
    assert effective_licence(["cc-by-nc-4.0"], ["llama2"]).commercial is False


def test_what_nobody_recorded_allows_nothing() -> None:
    assert say_effective([UNRECORDED], ["mit"]) == (
        "whether commercial use is allowed is not stated; name the sources under MIT License; what it learnt from is not recorded"
    )


def test_two_licences_that_want_their_own_terms_are_named_together() -> None:
    assert "CC BY-NC-SA 4.0, CC BY-SA 3.0 each ask" in say_effective(["cc-by-sa-3.0", "cc-by-nc-sa-4.0"])


def test_an_unknown_licence_is_an_error_with_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'cc-by-4\.0'"):
        licence("cc-by-4")
    with pytest.raises(UnknownName):
        effective_licence(["mit", "nothing"])


def test_every_licence_is_listed_under_its_own_id() -> None:
    assert all(one.id == id and one.name for id, one in LICENCES.items())
