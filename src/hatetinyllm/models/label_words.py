"""
Label words: the decoder is trained to answer its prompt.

The readout's rows are those that the language model's own output matrix has for one word a label, so that before any
training its logits are the language model's, for these words behind the prompt. Unless they are to learn, the rows stay
as they are, and it is the decoder that moves. A matrix with a bias (Phi's) gives the readout one; the classifiers of
Transformers have none, so that such a bundle is read whole by this project alone.
"""

from collections.abc import Sequence
from dataclasses import replace

from hatetinyllm.errors import RecipeError
from hatetinyllm.models.model import Model
from hatetinyllm.models.output import output_of
from hatetinyllm.text.encode import Encoder
from hatetinyllm.types import Head

HINT = 'expected a word for each label, as in [" No", " Yes"] for not_hate and hate; the space belongs to the word'


def apply(
    model: Model,
    heads: Sequence[Head],
    encoder: Encoder,
    *,
    words: tuple[str, ...] = (),  # how the prompt goes on, a word for each label in order, as [" No", " Yes"]; the spaces count
    learns: bool = False,  # whether the words' rows learn too, or the decoder alone
) -> Model:
    """Answer by words; of a word that is several tokens the first one is what counts."""
    if problems := wrong_words(words, prompt=encoder.settings.prompt, heads=len(heads), labels=len(heads[0].labels)):
        raise RecipeError(f"the labels {', '.join(heads[0].labels)} cannot be answered by words", problems)
    ids = [encoder.continued(word)[0] for word in words]
    if len(set(ids)) < len(ids):
        told = "{!r} begins with the token {!r}"
        tokens = [told.format(word, model.tokenizer.id_to_token(id)) for word, id in zip(words, ids, strict=True)]
        raise RecipeError("the words of the labels are not told apart by their first tokens", tokens)
    rows = output_of(model).rows(ids)
    model.net.take_rows(rows.weight, rows.bias)
    return replace(model, readout_learns=learns)


def wrong_words(words: Sequence[str], *, prompt: str, heads: int, labels: int) -> list[str]:
    """What is wrong with a choice of words, as far as the recipe alone tells."""
    problems = [] if prompt else ["readout label-words answers a prompt, and text.prompt is empty"]
    if heads > 1:
        problems.append(f"readout label-words answers one question, and heads.heads names {heads}")
    if len(words) != labels:
        problems.append(f"readout.words holds {len(words)}, and there are {labels} labels: {HINT}")
    problems += [f"readout.words holds {word!r}, which says nothing" for word in words if not word.strip()]
    twice = [word for word in dict.fromkeys(words) if words.count(word) > 1]
    problems += [f"readout.words holds {word!r} {words.count(word)} times" for word in twice]
    return problems
