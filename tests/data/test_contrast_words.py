"""The words: every bad slot has a good twin, people come in their forms, and what is coded comes out in clear."""

from hatetinyllm.data.contrast_words import Named, decoded, read_words
from hatetinyllm.labels import SCHEMES


def test_people_come_in_the_forms_that_frames_ask_for() -> None:
    named = Named(many="women", one="woman", adjective="female", targets=("women",))
    assert named.forms("P") == {"P": "women", "P_s": "woman", "P_a": "a woman", "P_adj": "female"}


def test_every_bad_slot_has_a_good_twin() -> None:
    slots = read_words().slots
    bad = {slot.removesuffix("_bad") for slot in slots if slot.endswith("_bad")}
    assert bad == {slot.removesuffix("_good") for slot in slots if slot.endswith("_good")}
    for name in bad:
        assert not set(slots[f"{name}_bad"]) & set(slots[f"{name}_good"]) - {f"{{{name}}}"}, name


def test_no_entry_stands_twice_in_a_slot() -> None:
    words = read_words()
    for slot, entries in words.slots.items():
        assert slot.startswith(("do_", "act_")) or len(set(entries)) == len(entries), slot
    for named in (words.groups, words.others, words.slurs):
        assert len({one.many for one in named}) == len(named)


def test_groups_and_slurs_have_targets_of_the_scheme_and_others_have_none() -> None:
    words = read_words()
    for named in (*words.groups, *words.slurs):
        assert named.targets
        assert set(named.targets) <= set(SCHEMES["target"].labels)
    assert not any(named.targets for named in words.others)
    assert Named(many="Muslim women", one="Muslim woman", adjective="Muslim", targets=("muslims", "women")) in words.groups


def test_coded_words_come_out_in_clear() -> None:
    assert decoded("qnza") == "damn"
    assert "damn" in read_words().slots["swear"]
