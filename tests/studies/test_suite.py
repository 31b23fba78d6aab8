"""A suite by its word: a dataset with functions, the starter, or a file; other words are told."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.hatecheck import TABLE
from hatetinyllm.data.hatemoji_check import TABLE as EMOJI
from hatetinyllm.errors import DataError, HateTinyLLMError, UnknownName
from hatetinyllm.studies.suite import open_suite

Mirror = Callable[[Mapping[str, str]], Path]
HATECHECK = (
    ",functionality,case_id,test_case,label_gold,target_ident,direction,focus_words,focus_lemma,"
    "ref_case_id,ref_templ_id,templ_id,case_templ\n"
    "0,derog_neg_emote_h,1,I dislike gr**p.,hateful,Muslims,general,dislike,dislike,,,1,I dislike [IDENTITY_P].\n"
    "1,ident_pos_nh,2,I love gr**p.,non-hateful,Muslims,-,love,love,1.0,1,9,I love [IDENTITY_P].\n"
)


def test_the_starter_needs_nothing() -> None:
    assert open_suite("starter").name == "starter"


def test_a_dataset_with_functions_is_a_suite_whose_functions_are_described(mirror: Mirror) -> None:
    mirror({TABLE.path: HATECHECK})
    suite = open_suite("hatecheck")
    assert [(one.name, one.description) for one in suite.functions] == [
        ("derog_neg_emote_h", "strong dislike is expressed"),
        ("ident_pos_nh", "people are praised"),
    ]
    assert suite.cases[1].partners == ("1",)
    assert "hatecheck: the card's counts are unverified" in suite.notes


def test_where_only_groups_are_recorded_an_edited_case_is_the_partner_of_its_original(mirror: Mirror) -> None:
    rows = [
        "case_id,text,functionality,set,test_grp_id,label_gold,target",
        "1,gr**p are :(,hate,orig,7,1,Muslims",
        "2,gr**p are :),hate,pol_neg_pert,7,0,Muslims",
    ]
    mirror({EMOJI.path: "\n".join(rows) + "\n"})
    assert [case.partners for case in open_suite("hatemoji-check").cases] == [("2",), ("1",)]


@pytest.mark.data
def test_the_real_samples_are_suites(real_data: Path, mirror: Mirror) -> None:
    sample = real_data / "hatecheck_sample"
    spanish = "multilingual_hatecheck/hatecheck_cases_final_spanish.csv"
    files = {TABLE.path: sample / "test_suite_cases.csv", spanish: sample / "hatecheck_cases_final_spanish.csv"}
    mirror({place: path.read_text(encoding="utf-8") for place, path in files.items()})
    assert len(open_suite("hatecheck").cases) == 12
    suite = open_suite("multilingual-hatecheck", ["data.language=es"])
    assert suite.name == "multilingual-hatecheck es"
    assert all(function.description for function in suite.functions)


def test_a_file_is_a_suite(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,label,function\nA mild one.,not_hate,f\n", encoding="utf-8")
    assert open_suite(str(path)).name == "mine"


@pytest.mark.parametrize(
    ("word", "settings", "error", "said"),
    [
        ("hatechek", [], UnknownName, "did you mean 'hatecheck'"),
        ("starter", ["data.seed=3"], DataError, "no options"),
        ("dynamic.toml", [], HateTinyLLMError, "no file of cases"),
        ("hatecheck", ["data.language=es"], HateTinyLLMError, "recipe"),
    ],
)
def test_other_words_are_told(word: str, settings: list[str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        open_suite(word, settings)


def test_a_dataset_without_functions_is_no_suite(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    from hatetinyllm.types import Example, Splits

    rows = (Example(text="A mild one.", id="1", labels={"hate": ("not_hate",)}),)
    monkeypatch.setattr("hatetinyllm.studies.suite.load_dataset", lambda name, **options: Splits(name=name, test=rows))
    with pytest.raises(DataError, match="no functional suite"):
        open_suite("demo")
