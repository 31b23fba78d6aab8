"""
A vocabulary learnt from text: byte-level pieces, so that nothing is unknown, however it is spelt.

Words keep their case and the space before them; digits and runs of other signs stand alone, so that `h4te` and `h.a.t.e` are read
in parts that other words have too. The same texts give the same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from hatetinyllm.errors import RecipeError
from hatetinyllm.text.normalise import NORMALISERS
from hatetinyllm.types import Count, Whole

PAD, START = "<pad>", "<s>"  # ids 0 and 1
# A word with the space before it, an apostrophe's ending, one digit, a run of other signs, or white space.
PIECES = r"'(?:s|t|d|m|re|ve|ll)\b| ?[\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]+|\s+"
LEAST = 258  # every byte, and the two special tokens


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What a recipe says of it."""

    size: int
    characters: int
    normaliser: int


def settings(
    *,
    size: Whole = 8192,  # entries; 0 for the vocabulary that the model has
    characters: Count = 20_000_000,  # of the corpus that it is learnt from
    normaliser: Count = 1,  # version of the normal form in which texts are read; what is trained on top must take the same
) -> Vocabulary:
    """How large a vocabulary is, from how much text it is learnt, and in which form texts are read."""
    if normaliser not in NORMALISERS:
        raise RecipeError(f"vocabulary.normaliser is {normaliser}", [f"expected one of {', '.join(map(str, NORMALISERS))}"])
    if 0 < size < LEAST:
        raise RecipeError(
            f"vocabulary.size is {size}", [f"expected {LEAST} or more: every byte needs an entry, or 0 for the model's own"]
        )
    return Vocabulary(size=size, characters=characters, normaliser=normaliser)


def learn_vocabulary(texts: Iterable[str], size: int) -> Tokenizer:
    """A byte-level BPE of `size` entries that puts `<s>` before every text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, START],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A", pair=f"{START} $A $B", special_tokens=[(START, 1)]
    )
    return tokenizer


def beginning(texts: Iterable[str], characters: int) -> Iterable[str]:
    """Texts until so many characters were seen."""
    left = characters
    for text in texts:
        if left <= 0:
            return
        left -= len(text)
        yield text
