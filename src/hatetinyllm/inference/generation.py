"""
Forced generation: the likeliest token again and again, and an answer looked for at the beginning of what comes.

Only for comparison with studies that did so. What is said is an answer if it begins with the words of one, whatever
signs stand before them and however they are capitalised; anything else is unparsed, and its caller must count it.
"""

from collections.abc import Sequence

import torch

from hatetinyllm.inference.zero_shot import ROOM, Asker, Question
from hatetinyllm.text.prompt import Prompt


@torch.inference_mode()
def generate(asker: Asker, question: Question, batch: Sequence[int], *, new_tokens: int) -> list[str]:
    """What the model goes on to say, so many tokens of it, behind some prompts of a question."""
    reading = question.beginning.read([question.tails[row] for row in batch], keep=True)
    said: dict[int, list[int]] = {}
    for group in reading.groups(ROOM * asker.batch_tokens):
        following = [asker.output(reading.last[group.rows].float()).argmax(-1)]  # (rows,) of each step
        for _ in range(new_tokens - 1):
            hidden = question.beginning.read_on(group, following[-1][:, None])
            following.append(asker.output(hidden[:, -1].float()).argmax(-1))
        said |= dict(zip(group.rows.tolist(), torch.stack(following, dim=1).tolist(), strict=True))
    return [asker.encoder.text_of(said[row]) for row in range(len(batch))]


def parse(said: str, prompt: Prompt) -> bool | None:
    """Whether the positive answer was said, or the negative one, or None where neither was."""
    start = next((index for index, sign in enumerate(said) if sign.isalnum()), len(said))
    words = said[start:].casefold()
    answers = {prompt.positive.strip().casefold(): True, prompt.negative.strip().casefold(): False}
    for answer in sorted(answers, key=len, reverse=True):  # "not hate" before "hate"
        if words.startswith(answer) and not words[len(answer) : len(answer) + 1].isalnum():
            return answers[answer]
    return None
