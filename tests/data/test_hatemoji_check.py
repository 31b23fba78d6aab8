"""HatemojiCheck: a test only; an original and its perturbations are one group. No real file is at hand to read."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hatetinyllm.data.hatemoji_check import CARD, TABLE, load

HEADER = "case_id,templ_id,test_grp_id,text,target,functionality,set,label_gold,unrealistic_flags,included_in_test_suite\n"
ROWS = (
    "1,10.0,10,I dislike gr**p 🌧,Trans people,emoji_subs,orig,1,0,1\n"
    "2,10.2,10,I like gr**p ☀,Trans people,emoji_subs,polarity_perturb,0,0,1\n"
    "3,11.0,11,I dislike 🌧,,emoji_obj,orig,0,0,1\n"
)


def test_slices_groups_and_targets(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: HEADER + ROWS})
    splits = load()
    attack, praise, thing = splits.test
    assert attack.labels == {"hate": ("hate",), "target": ("trans_people",)}
    assert praise.labels == {"hate": ("not_hate",), "target": ()}
    assert (praise.mentions, thing.mentions) == (("trans_people",), ())
    assert attack.group == praise.group == "10"
    assert (attack.perturbed, praise.perturbed, attack.slice) == (False, True, "emoji_subs")
    assert not splits.train
    assert not splits.dev


def test_the_counts_of_the_card_are_marked_unverified(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: HEADER + ROWS})
    assert "hatemoji-check: the card's counts are unverified" in load().notes
    assert CARD.rows == 3_930
