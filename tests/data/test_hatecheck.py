"""HateCheck: a test only, with slices, groups by template and partners both ways."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.hatecheck import CARD, TABLE, load

HEADER = (
    ",functionality,case_id,test_case,label_gold,target_ident,direction,focus_words,focus_lemma,"
    "ref_case_id,ref_templ_id,templ_id,case_templ"
)
ROWS = [
    "0,derog_h,1,I dislike gr**p.,hateful,Muslims,general,dislike,dislike,,,1,I dislike [IDENTITY_P].",
    "1,ident_pos_nh,2,I love gr**p.,non-hateful,Muslims,-,love,love,1.0,1,9,I love [IDENTITY_P].",
    '2,target_obj_nh,3,"I dislike rain, a lot.",non-hateful,,-,dislike,dislike,,,12,',
]


def test_slices_partners_and_targets(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: "\n".join([HEADER, *ROWS]) + "\n"})
    splits = load()
    attack, praise, thing = splits.test
    assert not splits.train
    assert not splits.dev
    assert attack.labels == {"hate": ("hate",), "target": ("muslims",)}
    assert praise.labels == {"hate": ("not_hate",), "target": ()}
    assert (praise.mentions, thing.mentions) == (("muslims",), ())
    assert (attack.partners, praise.partners, thing.partners) == (("2",), ("1",), ())
    assert (attack.slice, attack.group, attack.id) == ("derog_h", "1", "1")
    assert thing.text == "I dislike rain, a lot."


def test_the_counts_of_the_card_are_marked_unverified(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: "\n".join([HEADER, *ROWS]) + "\n"})
    assert "hatecheck: the card's counts are unverified" in load().notes
    assert CARD.rows == 3_728


@pytest.mark.data
def test_the_real_sample_is_read(real_data: Path, mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({TABLE.path: (real_data / "hatecheck_sample/test_suite_cases.csv").read_text(encoding="utf-8")})
    splits = load()
    assert len(splits.test) == 12
    assert all(example.mentions for example in splits.test)
    assert sum(bool(example.partners) for example in splits.test) == 7
