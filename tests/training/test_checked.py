"""What sections ask of each other is told from words and shapes, and what fits passes."""

import pytest

from hatetinyllm.config.recipe import Recipe, resolve
from hatetinyllm.errors import HateTinyLLMError, TrainingError
from hatetinyllm.training.checked import check_form, check_frozen, wrong_readout
from hatetinyllm.training.sections import sections

SMALL = {"name": "scratch", "layers": 2, "width": 16, "heads": 2}


def recipe_of(**changes: object) -> Recipe:
    given = {"data": {"name": "demo"}, "split": {"name": "official"}, "model": SMALL, "tuning": {"name": "full"}}
    return resolve({**given, **changes}, sections())


def test_what_fits_passes() -> None:
    recipe = recipe_of(train={"frozen_blocks": 1})
    assert wrong_readout(recipe) == []
    check_form(recipe)
    check_frozen(recipe)


def test_words_need_a_language_model() -> None:
    problems = wrong_readout(recipe_of(readout={"name": "label-words"}))
    assert [problem for problem in problems if "needs a language model" in problem]


def test_a_stored_readout_needs_a_checkpoint() -> None:
    (problem,) = wrong_readout(recipe_of(readout={"name": "stored"}))
    assert "needs a checkpoint" in problem


def test_a_tuning_over_random_numbers_must_fold() -> None:
    with pytest.raises(TrainingError, match="cannot hold all weights"):
        check_form(recipe_of(tuning={"name": "prefix"}))


def test_blocks_that_are_not_there_cannot_be_frozen() -> None:
    with pytest.raises(HateTinyLLMError):
        check_frozen(recipe_of(train={"frozen_blocks": 3}))
