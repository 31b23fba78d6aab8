"""
The prompts of a zero-shot run: presets by name, with examples of the train part before the post where they are shown.

`few-shot` is `plain` behind a few examples, so that both stand in one table. It is no reason to fail: where train has no
examples, or the model cannot hold them, the others are asked alone and that is said, unless it was to be the headline.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hatetinyllm.errors import DataError, ModelError
from hatetinyllm.inference.zero_shot import Asker
from hatetinyllm.studies.readings import Posts
from hatetinyllm.text.normalise import normalise
from hatetinyllm.text.prompt import FEW, FEW_SHOT, PLAIN, Prompt, Shot, draw_shots, preset, with_shots
from hatetinyllm.types import Splits


@dataclass(frozen=True, kw_only=True)
class Examples:
    """What is shown before a post: so many examples before every prompt, or none but for few-shot."""

    count: int
    seed: int
    max_characters: int


def choose_prompts(
    names: Sequence[str], splits: Splits, examples: Examples, normaliser: int
) -> tuple[tuple[Prompt, ...], tuple[str, ...]]:
    """The presets of these names, with their examples, and what a reader must know of the choice."""
    if examples.count:
        twice = PLAIN in names and FEW_SHOT in names
        shots = _draw(splits, examples, normaliser)
        found = [with_shots(preset(name), shots) for name in names if not (twice and name == FEW_SHOT)]
        return tuple(found), (f"{FEW_SHOT} is {PLAIN} with the same examples here: it is asked once",) if twice else ()
    try:
        shots = _draw(splits, examples, normaliser) if FEW_SHOT in names else ()
    except DataError as error:
        if names[0] == FEW_SHOT:
            raise
        return tuple(preset(name) for name in names if name != FEW_SHOT), (_left_out(error),)
    return tuple(with_shots(preset(name), shots if name == FEW_SHOT else ()) for name in names), ()


def fitting(
    asker: Asker, prompts: Sequence[Prompt], posts: Posts, *, more_tokens: int
) -> tuple[tuple[Prompt, ...], tuple[str, ...]]:
    """The prompts that the model can hold with any of the posts, before one is asked; and what was left out."""
    texts, kept, notes = [window.text for window in posts.windows], list[Prompt](), list[str]()
    for prompt in prompts:
        try:
            for swapped in prompt.orders:
                asker.question(prompt, texts, swapped=swapped, more_tokens=more_tokens)
            kept.append(prompt)
        except ModelError as error:
            if prompt.name != FEW_SHOT or prompt is prompts[0]:
                raise
            notes.append(_left_out(error))
    return tuple(kept), tuple(notes)


def _draw(splits: Splits, examples: Examples, normaliser: int) -> tuple[Shot, ...]:
    """Examples of train, none whose text is judged."""
    judged = {normalise(example.text, normaliser).text for example in splits.test}
    fresh = [example for example in splits.train if normalise(example.text, normaliser).text not in judged]
    return draw_shots(
        fresh,
        count=examples.count or FEW,
        seed=examples.seed,
        max_characters=examples.max_characters,
        normaliser=normaliser,
    )


def _left_out(error: DataError | ModelError) -> str:
    return f"{FEW_SHOT} was not asked: {error}"
