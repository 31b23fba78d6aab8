"""HatEval: one language at a time, the addressee only where there is hate, the test only where it is at hand."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hatetinyllm.data.checks import count_labels
from hatetinyllm.data.dataset import load_dataset
from hatetinyllm.data.hateval import FILES, load
from hatetinyllm.errors import FetchError, LicenceError

HEADER = "id,text,HS,TR,AG\n"
MADE_UP = {
    FILES["en train"].path: HEADER + '201,"gr**p &amp; others, go away",1,0,1\n202,nice day,0,0,0\n',
    FILES["en dev"].path: HEADER + "18201,you are a gr**p,1,1,0\n",
    FILES["es train"].path: HEADER + "20001,buenos días,0,0,0\n",
    FILES["es dev"].path: HEADER + "20005,buenas noches,0,0,0\n",
}


def test_rows_keep_entities_and_only_hate_has_an_addressee(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load()
    hate, other = splits.train
    assert (hate.id, hate.text) == ("201", "gr**p &amp; others, go away")
    assert hate.labels == {"hate": ("hate",), "addressee": ("group",)}
    assert other.labels == {"hate": ("not_hate",)}
    assert splits.dev[0].labels["addressee"] == ("individual",)
    assert splits.test == ()
    assert f"{FILES['en test'].path}: not here, so what it holds is left out" in splits.notes


def test_the_language_chooses_the_files(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    splits = load(language="es")
    assert [example.language for example in splits.rows()] == ["es", "es"]
    assert all("hateval2019_es" in path for path in splits.files)
    assert "train: 0 rows are hate, the card states 1,857" in splits.notes


def test_the_official_test_is_loaded_where_it_is_there(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror({**MADE_UP, FILES["en test"].path: HEADER + "30000,good morning,0,0,0\n"})
    splits = load()
    assert [example.id for example in splits.test] == ["30000"]
    assert "test: 1 rows, unverified: the card states none" in splits.notes


def test_the_official_test_is_found_in_the_cache_too(mirror: Callable[[Mapping[str, str]], Path], own_cache: Path) -> None:
    mirror(MADE_UP)
    path = own_cache / FILES["en test"].path
    path.parent.mkdir()
    path.write_text(HEADER + "30001,good evening,0,0,0\n", encoding="utf-8")
    assert [example.id for example in load().test] == ["30001"]


def test_a_file_on_request_tells_where_to_ask() -> None:
    with pytest.raises(FetchError, match="on request"):
        load()


def test_consent_is_asked_for(mirror: Callable[[Mapping[str, str]], Path]) -> None:
    mirror(MADE_UP)
    with pytest.raises(LicenceError, match="HATETINYLLM_ACCEPT=hateval"):
        load_dataset("hateval")


@pytest.mark.data
def test_the_real_files_have_the_rows_of_the_task(real_data: Path) -> None:
    english, spanish = load(), load(language="es")
    assert count_labels(english) == {"train": {"hate": 3_783, "not_hate": 5_217}, "dev": {"hate": 427, "not_hate": 573}}
    assert count_labels(spanish) == {"train": {"hate": 1_857, "not_hate": 2_643}, "dev": {"hate": 222, "not_hate": 278}}
    assert sum("addressee" in example.labels for example in english.train) == 3_783
