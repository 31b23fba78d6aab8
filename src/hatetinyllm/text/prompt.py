"""
What a language model is asked: templates with a place for the post, and the two answers it may go on with.

The wording is the project's own; the paper gives none. What does not change stands before the post, so that a model
reads it once for all posts; of `plain`, `verbalizer` and `instruction` that part was made fuller for this reason. What
the fuller wording does to the accuracy is not known; what reading it once saves, `benchmarks/prefix.py` tells. A template
that names its answers stands in both orders, since a model may prefer the one it met last. The prompt is turned into
tokens whole, as a model meets it, and a long post is asked about in windows.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import final

from tokenizers import Encoding, Tokenizer

from hatetinyllm.errors import DataError, ModelError, RecipeError, did_you_mean
from hatetinyllm.text.encode import SLOT, TextSettings, wrong_settings
from hatetinyllm.text.normalise import normalise
from hatetinyllm.types import Count, Example, Whole

BLANKS = ("", "N/A")  # posts that say nothing: what a model answers to them is its prejudice
BETWEEN = "\n\n"  # an example and the next


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A post and its answer, shown to the model before it is asked."""

    id: str
    text: str
    positive: bool


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A template with `{text}` once, the same with its answers in the other order if it names them, and both answers."""

    name: str
    template: str
    positive: str
    negative: str
    swapped: str | None = None
    shots: tuple[Shot, ...] = ()

    def __post_init__(self) -> None:
        for template in (self.template, self.swapped):
            if template is not None and template.count(SLOT) != 1:
                raise ValueError(f"prompt {self.name!r} needs {SLOT} once, it has it {template.count(SLOT)} times")
        if not self.positive.strip() or not self.negative.strip() or self.positive == self.negative:
            raise ValueError(f"prompt {self.name!r} needs two answers, got {self.positive!r} and {self.negative!r}")

    @property
    def orders(self) -> tuple[bool, ...]:
        """Whether the answers are swapped, for every order there is: as given first."""
        return (False,) if self.swapped is None else (False, True)

    def filled(self, text: str, *, swapped: bool = False) -> str:
        """What the model reads: the examples with their answers, then the post without one."""
        template = self.swapped if swapped else self.template
        assert template is not None, f"{self.name} names no answers to swap"
        shown = (template.replace(SLOT, shot.text) + (self.positive if shot.positive else self.negative) for shot in self.shots)
        return BETWEEN.join([*shown, template.replace(SLOT, text)])


PROMPTS: Mapping[str, Prompt] = {
    prompt.name: prompt
    for prompt in (
        Prompt(
            name="plain",
            template="Below is a post from a social network. Is this post hate speech? Answer in one word, Yes or No.\n"
            'Post: "{text}"\nAnswer:',
            swapped="Below is a post from a social network. Is this post hate speech? Answer in one word, No or Yes.\n"
            'Post: "{text}"\nAnswer:',
            positive=" Yes",
            negative=" No",
        ),
        Prompt(
            name="definition",
            template="Hate is a post that attacks, insults or threatens people for what they are, such as their race, religion, "
            "nationality, gender, sexuality or disability. Every post has one label: hate or not hate.\n"
            "Post: {text}\nLabel:",
            swapped="Hate is a post that attacks, insults or threatens people for what they are, such as their race, religion, "
            "nationality, gender, sexuality or disability. Every post has one label: not hate or hate.\n"
            "Post: {text}\nLabel:",
            positive=" hate",
            negative=" not hate",
        ),
        Prompt(
            name="verbalizer",
            template="Below is a post from a social network, as it was written. A reader who knows nobody there was asked how it "
            "speaks of the people it is about, and said so in one word.\nPost: {text}\nThis text is",
            positive=" toxic",
            negative=" respectful",
        ),
        Prompt(
            name="instruction",
            template="You label posts from a social network for a study. Classify the text below as hate or non-hate, and answer "
            "with the label alone.\nText: {text}\nAnswer:",
            swapped="You label posts from a social network for a study. Classify the text below as non-hate or hate, and answer "
            "with the label alone.\nText: {text}\nAnswer:",
            positive=" hate",
            negative=" non-hate",
        ),
    )
}


PLAIN, FEW_SHOT = "plain", "few-shot"  # few-shot: the plain prompt behind examples of the train part
KNOWN = (*PROMPTS, FEW_SHOT)  # what may be asked for by name
FEW = 4  # examples that few-shot shows


def preset(name: str) -> Prompt:
    """The preset of this name; the examples of few-shot are still to be drawn."""
    return replace(PROMPTS[PLAIN], name=FEW_SHOT) if name == FEW_SHOT else PROMPTS[name]


def wrong_prompts(names: Sequence[str]) -> list[str]:
    """What is wrong with a choice of presets."""
    problems = [f"there is no prompt {name!r} ({did_you_mean(name, KNOWN)})" for name in names if name not in KNOWN]
    problems += [f"prompt {name!r} stands {names.count(name)} times" for name in dict.fromkeys(names) if names.count(name) > 1]
    return problems


def draw_shots(
    examples: Sequence[Example], *, count: int, seed: int, max_characters: int, normaliser: int = 1
) -> tuple[Shot, ...]:
    """So many examples, half of them hate, in an order of the seed's; long ones are passed over."""
    if count % 2:
        raise RecipeError(f"{count} examples cannot be half hate: choose an even number")
    shots: list[Shot] = []
    chance = Random(seed)  # noqa: S311 - the same seed must give the same examples
    for label in ("hate", "not_hate"):
        normal = [(example.id, normalise(example.text, normaliser).text) for example in examples if example.label == label]
        short = [(id, text) for id, text in normal if 0 < len(text) <= max_characters]
        if len(short) < count // 2:
            raise DataError(
                f"{count // 2} examples of {label} are wanted, and the train part has {len(short)}",
                [f"of at most {max_characters} characters; it has {len(normal)} of any length"],
            )
        shots += [Shot(id=id, text=text, positive=label == "hate") for id, text in chance.sample(short, count // 2)]
    chance.shuffle(shots)
    return tuple(shots)


def with_shots(prompt: Prompt, shots: Sequence[Shot]) -> Prompt:
    """The prompt with examples before the post."""
    return replace(prompt, shots=tuple(shots))


@dataclass(frozen=True, kw_only=True)
class PostSettings:
    """How a post is read inside a prompt."""

    max_tokens: Count = 256  # of a post; a longer one is asked about in windows, and the highest score counts
    overlap_tokens: Whole = 32  # of a window and the next
    max_characters: Count = 100_000  # longer posts are left out, and counted
    normaliser: Count = 1  # version of the normal form


def wrong_post_settings(settings: PostSettings) -> list[str]:
    """What is wrong with the settings."""
    return wrong_settings(TextSettings(**asdict(settings)))


@final
class PromptEncoder:
    """A tokenizer that reads whole prompts. Words of a post that look like special tokens are read as plain letters."""

    def __init__(self, tokenizer: Tokenizer, settings: PostSettings) -> None:
        self.settings = settings
        if problems := wrong_post_settings(settings):
            raise RecipeError("the text settings cannot be used", problems)
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True

    def windows(self, text: str) -> tuple[str, ...]:
        """The normal form of a post, in windows if it is long; none where nothing is left to read, or it is beyond the limit."""
        settings = self.settings
        if len(text) > settings.max_characters:
            return ()
        normal = normalise(text, settings.normaliser).text
        spans = self._tokenizer.encode(normal, add_special_tokens=False).offsets
        if len(spans) <= settings.max_tokens:
            return (normal,) if spans else ()
        last = len(spans) - settings.overlap_tokens
        starts = range(0, last, settings.max_tokens - settings.overlap_tokens)
        pieces = [spans[start : start + settings.max_tokens] for start in starts]
        return tuple(normal[piece[0][0] : piece[-1][1]].strip() for piece in pieces)

    def ids(self, prompts: Sequence[str]) -> list[Sequence[int]]:
        """The tokens of filled-in prompts; what a tokenizer sets behind a finished text is left off, since this one goes on."""
        return [_unfinished(encoding) for encoding in self._tokenizer.encode_batch(list(prompts))]

    def answers(self, prompt: Prompt) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The tokens of the positive answer and of the negative one, as they follow the prompt."""
        positive, negative = (self._answer(prompt, answer) for answer in (prompt.positive, prompt.negative))
        if positive == negative:
            raise ModelError(
                f"prompt {prompt.name!r}: {prompt.positive!r} and {prompt.negative!r} are the same to this tokenizer"
            )
        return positive, negative

    def text_of(self, ids: Sequence[int]) -> str:
        """What tokens say."""
        said: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return said

    def _answer(self, prompt: Prompt, answer: str) -> tuple[int, ...]:
        """An answer must be the same tokens behind every post, and must not change those before it."""
        asked = [prompt.filled(blank, swapped=swapped) for swapped in prompt.orders for blank in BLANKS]
        before = self.ids(asked)
        after = self.ids([question + answer for question in asked])
        ids = tuple(after[0][len(before[0]) :])
        if not ids or any([*short, *ids] != list(long) for short, long in zip(before, after, strict=True)):
            raise ModelError(f"prompt {prompt.name!r}: this tokenizer joins the answer {answer!r} to the words before it")
        said = self._tokenizer.decode(list(ids), skip_special_tokens=False)
        if _letters(said) != _letters(answer):
            raise ModelError(f"prompt {prompt.name!r}: this tokenizer cannot write the answer {answer!r}, it makes it {said!r}")
        return ids


def _unfinished(encoding: Encoding) -> Sequence[int]:
    """The ids without the special tokens at their end."""
    ids, end = encoding.ids, len(encoding.ids)
    while end and encoding.special_tokens_mask[end - 1]:
        end -= 1
    return array("i", ids[:end])


def _letters(text: str) -> str:
    return "".join(text.split()).casefold()
