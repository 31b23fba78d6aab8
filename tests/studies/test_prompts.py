"""Which prompts are asked, with which examples, and what is said where few-shot must be left out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hatetinyllm.config.recipe import Choice
from hatetinyllm.errors import DataError, ModelError
from hatetinyllm.inference.zero_shot import Asker
from hatetinyllm.models.model import load_model
from hatetinyllm.studies.prompts import Examples, choose_prompts, fitting
from hatetinyllm.studies.readings import read_posts
from hatetinyllm.text.prompt import PROMPTS, PostSettings
from hatetinyllm.types import Example, Splits

NONE, TWO = (Examples(count=count, seed=42, max_characters=280) for count in (0, 2))


def splits_of(each: int, text: str = "a post of the test part") -> Splits:
    train = [
        Example(id=f"{label} {row}", text=f"row {row} {label}", labels={"hate": (label,)})
        for label in ("hate", "not_hate")
        for row in range(each)
    ]
    return Splits(name="mine", train=tuple(train), test=(Example(id="1", text=text, labels={"hate": ("hate",)}),))


def test_only_few_shot_shows_examples_unless_all_are_to() -> None:
    (plain, few), notes = choose_prompts(("plain", "few-shot"), splits_of(3), NONE, 1)
    assert plain == PROMPTS["plain"]
    assert (few.name, few.template) == ("few-shot", plain.template)
    assert [shot.positive for shot in few.shots].count(True) == 2
    assert len(few.shots) == 4
    assert notes == ()
    found, notes = choose_prompts(("verbalizer", "few-shot"), splits_of(3), TWO, 1)
    assert [(prompt.name, len(prompt.shots)) for prompt in found] == [("verbalizer", 2), ("few-shot", 2)]
    assert notes == ()


def test_the_same_question_is_asked_once() -> None:
    found, notes = choose_prompts(("few-shot", "plain"), splits_of(3), TWO, 1)
    assert [(prompt.name, len(prompt.shots)) for prompt in found] == [("plain", 2)]
    assert "asked once" in notes[0]


def test_without_examples_few_shot_is_left_out_unless_it_was_to_be_the_headline() -> None:
    found, (note,) = choose_prompts(("plain", "few-shot"), splits_of(1), NONE, 1)
    assert [prompt.name for prompt in found] == ["plain"]
    assert "few-shot was not asked: 2 examples of hate are wanted, and the train part has 1" in note
    with pytest.raises(DataError, match="2 examples of hate"):
        choose_prompts(("few-shot", "plain"), splits_of(1), NONE, 1)
    with pytest.raises(DataError, match="1 examples of hate"):
        choose_prompts(("plain", "few-shot"), splits_of(0), TWO, 1)


@pytest.fixture
def asker(speaker: Callable[..., Path]) -> Asker:
    """A model that holds the plain prompt and no examples."""
    folder = speaker("Llama", max_position_embeddings=96)
    model = load_model(Choice(name="hub", options={"id": str(folder)}), 2)
    return Asker(model, PostSettings(), device="cpu")


def test_what_the_model_cannot_hold_is_known_before_it_is_asked(asker: Asker) -> None:
    splits = splits_of(3)
    posts = read_posts(splits, asker.encoder)
    prompts, _ = choose_prompts(("plain", "few-shot"), splits, NONE, 1)
    found, (note,) = fitting(asker, prompts, posts, more_tokens=0)
    assert found == prompts[:1]
    assert "few-shot was not asked: prompt 'few-shot' with 4 examples needs" in note
    with pytest.raises(ModelError, match="with 4 examples needs"):
        fitting(asker, prompts[::-1], posts, more_tokens=0)
    with pytest.raises(ModelError, match="'plain' needs"):
        fitting(asker, prompts, posts, more_tokens=90)
