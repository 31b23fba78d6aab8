"""Multilingual HateCheck: HateCheck's shape, one language at a time, with references written as numbers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from hatetinyllm.data.multilingual_hatecheck import CARD, FILES, LANGUAGES, load

HEADER = (
    "mhc_case_id,functionality,test_case,label_gold,target_ident,ref_case_id,ref_templ_id,templ_id,case_templ,gender_male,"
    "gender_female,label_annotated,label_annotated_maj,disagreement_in_case,disagreement_in_template"
)
ROWS = [
    "german-1,derog_h,Ich mag gr**p nicht.,hateful,Jews,,,1,,,,\"['hateful', 'hateful', 'non-hateful']\",hateful,False,False",
    "german-2,ident_pos_nh,Ich mag gr**p.,non-hateful,Jews,1.0,1.0,5,,,,\"['hateful', 'hateful', 'hateful']\",hateful,True,False",
    "german-3,target_obj_nh,Ich mag Regen nicht.,non-hateful,,,4.0,7,,,,\"['non-hateful']\",non-hateful,False,False",
]


def test_references_become_partners_and_the_experts_label_stands(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({FILES["de"].path: "\n".join([HEADER, *ROWS]) + "\n"})
    splits = load(language="de")
    attack, praise, thing = splits.test
    assert (attack.partners, praise.partners, thing.partners) == (("german-2",), ("german-1",), ())
    assert attack.labels == {"hate": ("hate",), "target": ("jews",)}
    assert praise.labels == {"hate": ("not_hate",), "target": ()}
    assert (praise.mentions, praise.slice, praise.group, praise.language) == (("jews",), "ident_pos_nh", "5", "de")
    assert "test: 3 rows, unverified: the card states none" in splits.notes


def test_the_option_names_exactly_the_languages_of_the_card() -> None:
    assert set(get_args(get_type_hints(load)["language"])) == set(LANGUAGES) == set(CARD.languages)


@pytest.mark.data
def test_the_real_sample_is_read(real_data: Path, mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({FILES["es"].path: (real_data / "hatecheck_sample/hatecheck_cases_final_spanish.csv").read_text(encoding="utf-8")})
    splits = load(language="es")
    assert len(splits.test) == 12
    assert sum(not example.mentions for example in splits.test) == 1
    assert sum(bool(example.partners) for example in splits.test) == 6
