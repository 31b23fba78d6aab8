"""People named by terms: whole words, any list, and the same text with others named."""

from pathlib import Path

import pytest

from hatetinyllm.errors import DataError
from hatetinyllm.evaluation.terms import exchanged, mentions_of, read_terms, swaps_of
from hatetinyllm.labels import SCHEMES


def test_the_default_list_names_groups_of_the_target_scheme() -> None:
    groups = read_terms()
    assert {group.name for group in groups} - set(SCHEMES["target"].labels) == {"straight_people"}
    assert len({term for group in groups for term in group.terms}) == sum(len(group.terms) for group in groups)


def test_a_term_counts_as_a_whole_word_in_any_case() -> None:
    groups = read_terms()
    found = mentions_of(["Women here", "the womenfolk", "a WOMAN", "manual work", "a black man"], groups)
    assert found["women"].tolist() == [True, False, True, False, False]
    assert found["men"].tolist() == [False, False, False, False, True]
    assert found["black_people"].tolist() == [False, False, False, False, True]


def test_forms_are_exchanged_and_capitals_kept() -> None:
    women, men = read_terms()[:2]
    assert exchanged("Women and a woman, WOMEN", women, men) == "Men and a man, MEN"


def test_only_texts_that_name_one_group_are_swapped_within_its_axis() -> None:
    texts = ["the jews are kind", "jews and muslims are kind", "nobody is here", "the jewish are kind"]
    swaps = swaps_of(texts, read_terms(), most=100, seed=1)
    assert {swap.row for swap in swaps} == {0}
    assert {swap.other for swap in swaps} == {"muslims", "christians", "hindus"}
    assert "the muslims are kind" in {swap.text for swap in swaps}


def test_at_most_so_many_texts_are_swapped_the_same_ones_each_time() -> None:
    texts = [f"women number {row}" for row in range(50)]
    first, again = (swaps_of(texts, read_terms(), most=10, seed=1) for _ in range(2))
    assert first == again
    assert len({swap.row for swap in first}) == 10


def test_a_list_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[cooks]\naxis = "trade"\nsingular = "Cook"\nplural = "cooks"\n', encoding="utf-8")
    (cooks,) = read_terms(path)
    assert cooks.terms == ("cook", "cooks")


def test_all_that_is_wrong_with_a_list_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[cooks]\naxs = "trade"\nsingular = ""\nplural = "cooks"\nterms = "cook"\n', encoding="utf-8")
    with pytest.raises(DataError) as told:
        read_terms(path)
    said = str(told.value)
    assert "did you mean 'axis'?" in said
    assert "'singular' must be a word" in said
    assert "'terms' must be a list of words" in said


def test_a_list_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_terms(tmp_path / "none.toml")
    (tmp_path / "empty.toml").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="names no group"):
        read_terms(tmp_path / "empty.toml")
