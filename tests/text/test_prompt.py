"""Prompts: templates that can be trusted, examples by seed, and tokens of the whole as a model meets it."""

from dataclasses import replace
from importlib.resources import files

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from hatetinyllm.errors import DataError, ModelError, RecipeError
from hatetinyllm.text.prompt import (
    PROMPTS,
    PostSettings,
    Prompt,
    PromptEncoder,
    Shot,
    draw_shots,
    preset,
    with_shots,
    wrong_post_settings,
    wrong_prompts,
)
from hatetinyllm.types import Example


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_str(files("hatetinyllm.text").joinpath("tokenizer.json").read_text(encoding="utf-8"))


def encoder_of(tokenizer: Tokenizer, **settings: int) -> PromptEncoder:
    return PromptEncoder(tokenizer, PostSettings(**settings))


def rows(hate: int, not_hate: int, text: str = "row") -> list[Example]:
    labels = ["hate"] * hate + ["not_hate"] * not_hate
    return [Example(text=f"{text} {index}", id=str(index), labels={"hate": (label,)}) for index, label in enumerate(labels)]


def test_the_presets_are_four_and_swap_nothing_but_their_answers() -> None:
    assert list(PROMPTS) == ["plain", "definition", "verbalizer", "instruction"]
    for name, prompt in PROMPTS.items():
        assert prompt.name == name
        if prompt.swapped is not None:
            assert prompt.swapped != prompt.template
            assert sorted(prompt.swapped) == sorted(prompt.template)
    assert PROMPTS["verbalizer"].orders == (False,)
    assert PROMPTS["plain"].orders == (False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"template": "no place"},
        {"template": "{text} twice {text}"},
        {"template": "{text}:", "swapped": "none"},
        {"template": "{text}:", "negative": " yes"},
        {"template": "{text}:", "negative": " "},
    ],
)
def test_a_prompt_is_true_by_construction(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Prompt(**{"name": "mine", "positive": " yes", "negative": " no", **wrong})


def test_a_text_is_put_in_as_it_is() -> None:
    assert PROMPTS["plain"].filled("{text} {0} \\1").count("{text} {0} \\1") == 1


def test_examples_stand_before_the_post_with_their_answers() -> None:
    shots = [Shot(id="1", text="a {text}", positive=True), Shot(id="2", text="b", positive=False)]
    asked = with_shots(PROMPTS["instruction"], shots).filled("mine", swapped=True)
    head = PROMPTS["instruction"].swapped.partition("{text}")[0]
    assert "as non-hate or hate" in head
    assert asked == f"{head}a {{text}}\nAnswer: hate\n\n{head}b\nAnswer: non-hate\n\n{head}mine\nAnswer:"


def test_examples_are_half_hate_and_hang_on_the_seed_alone() -> None:
    drawn = draw_shots(rows(20, 30), count=6, seed=1, max_characters=99)
    assert [shot.positive for shot in drawn].count(True) == 3
    assert len({shot.id for shot in drawn}) == 6
    assert drawn == draw_shots(rows(20, 30), count=6, seed=1, max_characters=99)
    assert drawn != draw_shots(rows(20, 30), count=6, seed=2, max_characters=99)


def test_long_and_empty_rows_are_no_examples() -> None:
    mixed = [*rows(1, 1), *(Example(text=text, id=text[:5] + "!", labels={"hate": ("hate",)}) for text in ("x" * 100, "\u200b"))]
    assert {shot.id for shot in draw_shots(mixed, count=2, seed=0, max_characters=50)} == {"0", "1"}
    with pytest.raises(DataError, match="2 examples of hate are wanted, and the train part has 1"):
        draw_shots(mixed, count=4, seed=0, max_characters=50)
    with pytest.raises(RecipeError, match="even"):
        draw_shots(mixed, count=3, seed=0, max_characters=50)


def test_a_mistyped_prompt_is_told_with_the_nearest() -> None:
    assert wrong_prompts(list(PROMPTS)) == []
    assert "did you mean 'definition'" in wrong_prompts(["defintion"])[0]
    assert len(wrong_prompts(["plain", "plain", "plian"])) == 2
    assert wrong_prompts(["plain", "few-shot"]) == []
    assert "did you mean 'few-shot'" in wrong_prompts(["few-shots"])[0]


def test_few_shot_is_plain_under_a_name_of_its_own() -> None:
    assert replace(preset("few-shot"), name="plain") == preset("plain") == PROMPTS["plain"]
    assert preset("few-shot").name == "few-shot"


def test_the_tokens_are_those_of_the_whole(tokenizer: Tokenizer) -> None:
    asked = PROMPTS["plain"].filled("a post")
    assert list(encoder_of(tokenizer).ids([asked])[0]) == tokenizer.encode(asked).ids


def test_special_words_of_a_post_are_plain_letters(tokenizer: Tokenizer) -> None:
    start = tokenizer.token_to_id("<s>")
    (ids,) = encoder_of(tokenizer).ids([PROMPTS["plain"].filled("<s> <pad>")])
    assert list(ids).count(start) == 1


def test_a_token_behind_a_finished_text_is_left_off() -> None:
    words = Tokenizer(models.WordLevel({"<s>": 0, "</s>": 1, "a": 2, "b": 3, "?": 4}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    encoder = encoder_of(words)
    assert list(encoder.ids(["a b"])[0]) == [0, 2, 3]
    assert encoder.answers(Prompt(name="mine", template="{text} a", positive=" b", negative=" a b")) == ((3,), (2, 3))


def test_answers_that_cannot_be_told_or_written_are_refused() -> None:
    words = Tokenizer(models.WordLevel({"?": 0, "a": 1, "b": 2}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(ModelError, match="cannot write the answer ' c'"):
        encoder_of(words).answers(Prompt(name="mine", template="{text} a", positive=" b", negative=" c"))
    with pytest.raises(ModelError, match="are the same to this tokenizer"):
        encoder_of(words).answers(Prompt(name="mine", template="{text} a", positive=" b", negative="  b"))
    with pytest.raises(ModelError, match="joins the answer 'a'"):
        encoder_of(words).answers(Prompt(name="mine", template="{text} a", positive="a", negative=" b"))


def test_answers_are_what_follows_any_post(tokenizer: Tokenizer) -> None:
    encoder = encoder_of(tokenizer)
    for prompt in PROMPTS.values():
        for word, answer in zip((prompt.positive, prompt.negative), encoder.answers(prompt), strict=True):
            for post in ("", "a post", "emoji 🙂", 'ends in a quote"'):
                whole = tokenizer.encode(prompt.filled(post) + word).ids
                assert whole == [*tokenizer.encode(prompt.filled(post)).ids, *answer]


def test_a_short_post_is_one_window_in_normal_form(tokenizer: Tokenizer) -> None:
    assert encoder_of(tokenizer).windows("  so &amp; so\n@ada ") == ("so & so @user",)


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "x" * 101])
def test_nothing_to_read_has_no_window(tokenizer: Tokenizer, text: str) -> None:
    assert encoder_of(tokenizer, max_characters=100).windows(text) == ()


@pytest.mark.parametrize("overlap", [0, 3])
def test_every_word_of_a_long_post_stands_in_a_window(tokenizer: Tokenizer, overlap: int) -> None:
    encoder = encoder_of(tokenizer, max_tokens=10, overlap_tokens=overlap)
    words = [f"word{index}" for index in range(40)]
    windows = encoder.windows(" ".join(words))
    assert len(windows) > 3
    left = " ".join(words)
    for window in windows:
        assert len(tokenizer.encode(window, add_special_tokens=False).ids) <= 11  # the first word may lose its space
        at = left.index(window)
        assert at <= 1 or overlap
        left = left[at:] if overlap else left[at + len(window) :]
    assert left.strip() in (windows[-1] if overlap else "")
    exact = tokenizer.encode(" ".join(words), add_special_tokens=False)
    assert encoder_of(tokenizer, max_tokens=len(exact.ids)).windows(" ".join(words)) == (" ".join(words),)


def test_settings_that_make_no_sense_are_told() -> None:
    assert len(wrong_post_settings(PostSettings(max_tokens=8, overlap_tokens=8, normaliser=9))) == 2
    assert wrong_post_settings(PostSettings()) == []
    with pytest.raises(RecipeError, match="text settings"):
        PromptEncoder(Tokenizer(models.WordLevel({"?": 0}, unk_token="?")), PostSettings(max_tokens=1, overlap_tokens=5))
