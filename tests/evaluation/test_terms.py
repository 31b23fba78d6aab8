"""People named by terms: whole words, any list, and the same text with others named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_text_that_still_names_the_group_is_no_swap() -> None:
    texts = ["jews and the jewish are kind", "women and ladies are kind", "women are kind"]
    assert {swap.row for swap in swaps_of(texts, read_terms(), most=100, seed=1)} == {2}


@pytest.mark.parametrize(
    "text", ["a muslim school", "the jewish museum", "a Christian song", "hindu weddings", "an arab country"]
)
def test_an_adjective_is_a_mention_and_never_exchanged(text: str) -> None:
    assert sum(marks[0] for marks in mentions_of([text], read_terms()).values()) == 1
    assert not swaps_of([text], read_terms(), most=100, seed=1)


def test_the_article_follows_the_new_word() -> None:
    groups = {group.name: group for group in read_terms()}
    black, asian = groups["black_people"], groups["asian_people"]
    assert exchanged("A black person met a  black person", black, asian) == "An asian person met an  asian person"
    assert exchanged("An Asian person, AN ASIAN PERSON", asian, black) == "A Black person, A BLACK PERSON"
    assert exchanged("a plan black people made", black, asian) == "a plan asian people made"
    assert exchanged("vitamin A black people need", black, asian) == "vitamin A asian people need"


def test_a_word_that_two_groups_share_is_no_swap_and_axes_are_stripped(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    one = 'axis = " trade "\nsingular = "{}"\nplural = "cooks"\n'
    path.write_text(f"[cooks]\n{one.format('cook')}[chefs]\n{one.format('chef')}", encoding="utf-8")
    assert {group.axis for group in read_terms(path)} == {"trade"}
    assert not swaps_of(["cooks are kind"], read_terms(path), most=9, seed=1)


def test_letters_that_fold_to_others_are_exchanged_as_they_are_found(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    entry = '[{}]\naxis = "name"\nsingular = "{}"\nplural = "{}"\n'
    path.write_text(entry.format("a", "weiß", "weißen") + entry.format("b", "firin", "firins"), encoding="utf-8")
    weiss, firin = read_terms(path)
    assert exchanged("ßß Weiß, WEISS and weißen", weiss, firin) == "ßß Firin, FIRIN and firins"
    assert exchanged("fırın FİRİN firin İ firin", firin, weiss) == "fırın FİRİN weiss İ weiss"
    assert {swap.text for swap in swaps_of(["die Weißen"], (weiss, firin), most=9, seed=1)} == {"die Firins"}


@given(st.text(alphabet="aAnN wWoOmMeEßıİſKſ.́̇ \n", max_size=40))
def test_no_text_breaks_the_exchange(text: str) -> None:
    groups = read_terms()[:2]
    for swap in swaps_of([text, f"{text} women {text}"], groups, most=9, seed=1):
        named = mentions_of([swap.text], groups)
        assert (named[swap.group][0], named[swap.other][0]) == (False, True)


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
