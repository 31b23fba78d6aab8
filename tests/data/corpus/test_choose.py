import pytest

from hatetinyllm.config.recipe import resolve, to_toml
from hatetinyllm.config.signature import read_options
from hatetinyllm.data.corpus.choose import Chosen, choose_corpus
from hatetinyllm.errors import DataError

SECTION = {"corpus": "hatetinyllm.data.corpus.choose:choose_corpus"}


def test_the_signature_is_a_section_of_a_recipe() -> None:
    recipe = resolve({"corpus": {"datasets": ["demo"], "held_out_share": 0.05}}, SECTION)
    chosen = choose_corpus(**recipe["corpus"].options)
    assert (chosen.datasets, chosen.held_out_share, chosen.block_words) == (("demo",), 0.05, 300)
    assert "block_words = 300" in to_toml(recipe, SECTION)


def test_every_option_is_kept_and_explained() -> None:
    options = read_options(SECTION["corpus"])
    assert {option.name for option in options} == set(Chosen.__dataclass_fields__)
    assert all(option.help for option in options)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DataError) as caught:
        choose_corpus(datasets=("dema",), judged=("demo:no",), shares=("x",), threshold=2.0, files=("a.txt", "a.txt"))
    assert len(caught.value.problems) == 5


def test_a_corpus_has_a_source() -> None:
    with pytest.raises(DataError, match="no source"):
        choose_corpus()


def test_what_may_not_be_passed_on_is_refused_unless_it_is_meant() -> None:
    with pytest.raises(DataError, match=r"hateval is under CC BY-NC 4\.0: set allow_unshared=true"):
        choose_corpus(datasets=("hateval", "demo"))
    assert choose_corpus(datasets=("hateval",), allow_unshared=True).datasets == ("hateval",)
    assert choose_corpus(datasets=("dynahate:official-leakfree",), judged=("hateval",)).judged == ("hateval",)
