"""
The one encoding, for training and for verdicts: text -> normal form -> windows of token ids.

A long text becomes windows of at most `max_tokens`, each begun `overlap_tokens` before the end of the last; the special
tokens stand in every window. Training takes the first window and counts the rest as truncated; a detector takes the
highest score over the windows. A text with nothing left to read has no windows. Words of the text that look like
special tokens (`<s>`) are read as plain letters. This file does not know padding, batches or nets.

With a prompt every window of a text is put into it first, and the whole is tokenised at once: the tokens are those of the
filled-in prompt as a language model would read it, also where a word of the text joins one of the prompt.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from tokenizers import Encoding, Tokenizer

from hatetinyllm.errors import BundleError, RecipeError
from hatetinyllm.text.edit import Normalised
from hatetinyllm.text.normalise import NORMALISERS, normalise
from hatetinyllm.types import Count, Whole

Span = tuple[int, int]
SLOT = "{text}"  # where a text stands in a prompt
LONGEST_PROMPT = 10_000  # characters
LEAST_OF_TEXT = 8  # tokens a prompt must leave: any character, and what the prompt's own may become beside it


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """How texts are read; a recipe chooses it and the bundle carries it."""

    max_tokens: Count = 128  # of a window, special tokens included
    overlap_tokens: Whole = 32  # of a window and the next
    max_characters: Count = 100_000  # longer texts are refused with a reason
    normaliser: Count = 1  # version of the normal form; a bundle keeps the one it learnt with
    prompt: str = ""  # what every window is read in, with {text} once in its place; empty for the text alone


@dataclass(frozen=True, kw_only=True)
class Window:
    """Token ids, and for each the range of the original's characters it was made from; a special token has none."""

    ids: tuple[int, ...]
    spans: tuple[Span | None, ...]


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A text as windows, in order; none where nothing is left to read."""

    windows: tuple[Window, ...]


@final
class Encoder:
    """A tokenizer and its settings. It works on a copy of its own, so that nobody's changes reach it."""

    def __init__(self, tokenizer: Tokenizer, settings: TextSettings) -> None:
        self.settings = settings
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        taken = self._taken()
        if problems := wrong_settings(settings, taken):
            raise RecipeError("the text settings cannot be used", problems)
        self._file = self._tokenizer.to_str(pretty=False) + "\n"
        self._room = settings.max_tokens - taken
        if not settings.prompt:
            self._tokenizer.enable_truncation(settings.max_tokens, stride=settings.overlap_tokens)

    def encode(self, text: str) -> Encoded:
        """The windows of one text."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[Encoded]:
        """The windows of each text, as if it came alone."""
        normal = [normalise(text, self.settings.normaliser) for text in texts]
        encodings = self._tokenizer.encode_batch([self._filled(found.text) for found in normal])
        if not self.settings.prompt:
            return [_encoded(found, encoding) for found, encoding in zip(normal, encodings, strict=True)]
        return [self._prompted(found, encoding) for found, encoding in zip(normal, encodings, strict=True)]

    def ids_of(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """The token ids of each text's windows, those of `encode_batch`, without the way back to its characters: quicker."""
        if self.settings.prompt:
            return [[list(window.ids) for window in found.windows] for found in self.encode_batch(texts)]
        normal = [normalise(text, self.settings.normaliser).text for text in texts]
        encodings = self._tokenizer.encode_batch_fast(normal)
        special = self.settings.max_tokens - self._room  # a window of no more than these has nothing of the text
        return [[part.ids for part in (encoding, *encoding.overflowing) if len(part) > special] for encoding in encodings]

    def continued(self, word: str) -> tuple[int, ...]:
        """The tokens of a word that goes straight on where the prompt ends; an error where they are not its own."""
        asked = self._filled("a")
        try:
            before, after = (self._tokenizer.encode(text, add_special_tokens=False).ids for text in (asked, asked + word))
            closing = self._tokenizer.encode(asked)
        except Exception as error:  # tokenizers raises plain Exception for a word it has no token for
            raise RecipeError(f"this tokenizer cannot write {word!r} behind the prompt", [str(error)]) from error
        if not before:
            raise RecipeError("this tokenizer makes no tokens of the prompt")
        if closing.special_tokens_mask[-1]:
            raise RecipeError(f"this tokenizer ends every text with {closing.tokens[-1]!r}: no word can follow the prompt")
        if after[: len(before)] != before or len(after) == len(before):
            hint = "end the prompt without a space, and begin the word with one"
            raise RecipeError(f"the end of the prompt and {word!r} are not read one after the other", [hint])
        ids = tuple(after[len(before) :])
        if _letters(said := self._tokenizer.decode(ids, skip_special_tokens=False)) != _letters(word):
            raise RecipeError(f"this tokenizer cannot write {word!r}: it makes it {said!r}")
        return ids

    def save(self, path: Path) -> None:
        """Write the tokenizer as one JSON file: pure data, without the settings."""
        path.write_text(self._file, encoding="utf-8", newline="\n")

    def _filled(self, text: str) -> str:
        """The prompt with a text in its place, whatever stands in the text."""
        before, _, after = (self.settings.prompt or SLOT).partition(SLOT)
        return before + text + after

    def _taken(self) -> int:
        """Tokens of a window that are not the text's: the special ones, and the prompt's."""
        if not self.settings.prompt:
            return int(self._tokenizer.num_special_tokens_to_add(is_pair=False))
        return len(self._tokenizer.encode(self._filled("")).ids)

    def _prompted(self, found: Normalised, encoding: Encoding) -> Encoded:
        """The windows of a text inside the prompt; `encoding` is the prompt with all of the text in it."""
        if len(encoding.ids) > self.settings.max_tokens:
            windows = tuple(self._cut(found))
        else:
            windows = (self._window(found, 0, len(found.text), encoding),)
        return Encoded(windows=tuple(window for window in windows if any(window.spans)))

    def _cut(self, found: Normalised) -> Iterator[Window]:
        """The windows of a text that one prompt cannot hold: each as long as fits, and begun an overlap before the last's end."""
        offsets = self._tokenizer.encode(found.text, add_special_tokens=False).offsets
        begins = sorted(start for start, _ in offsets)  # of each token; the tokens of one character begin together
        first = 0
        while first < len(begins):
            window, end = self._longest(found, begins, first)
            yield window
            if end == len(begins):
                return
            next_character = bisect_right(begins, begins[first])
            first = max(next_character, bisect_left(begins, begins[max(end - self.settings.overlap_tokens, 0)]))

    def _longest(self, found: Normalised, begins: Sequence[int], first: int) -> tuple[Window, int]:
        """The longest window that begins at a token of the text, and the token after its last: at least a character is in it."""
        least = bisect_right(begins, begins[first])
        wanted = first + self._room
        while True:
            end = len(begins) if wanted >= len(begins) else max(least, bisect_left(begins, begins[wanted]))
            window = self._window(found, begins[first], begins[end] if end < len(begins) else len(found.text))
            excess = len(window.ids) - self.settings.max_tokens
            if excess <= 0 or end == least:
                return _shortened(window, excess), end
            wanted = end - excess

    def _window(self, found: Normalised, start: int, end: int, encoding: Encoding | None = None) -> Window:
        """The prompt with these characters of the text in it, and no space around them."""
        piece = found.text[start:end]
        start += len(piece) - len(piece.lstrip(" "))
        piece = piece.strip(" ")
        encoding = encoding or self._tokenizer.encode(self._filled(piece))
        shift = start - self._filled(SLOT).index(SLOT)
        spans = (_span_within(found, low + shift, high + shift, start, start + len(piece)) for low, high in encoding.offsets)
        return Window(ids=tuple(encoding.ids), spans=tuple(spans))


def open_encoder(path: Path, settings: TextSettings) -> Encoder:
    """The encoder of a saved tokenizer; a file or settings that cannot be used are a damaged bundle."""
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BundleError(f"there is no tokenizer at {path}") from error
    except Exception as error:  # tokenizers raises plain Exception for every kind of broken file
        raise BundleError(
            f"{path} is no tokenizer file", [f"reason: {error}", "expected the tokenizer.json of the tokenizers library"]
        ) from error
    try:
        return Encoder(tokenizer, settings)
    except RecipeError as error:
        raise BundleError(f"{path} cannot be used with its text settings", error.problems) from error


def wrong_settings(settings: TextSettings, taken: int = 0) -> list[str]:
    """What is wrong with the settings, as far as they tell and the tokens of a window that the text cannot have."""
    room = settings.max_tokens - taken
    problems = _wrong_prompt(settings.prompt)
    if settings.prompt and room < LEAST_OF_TEXT:
        need = f"{taken} tokens of the prompt and {LEAST_OF_TEXT} of text need {taken + LEAST_OF_TEXT}"
        problems.append(f"max_tokens is {settings.max_tokens}: {need}")
    elif room < 1:
        problems.append(f"max_tokens is {settings.max_tokens}: {taken} special tokens and one of text need {taken + 1}")
    if settings.overlap_tokens < 0:
        problems.append(f"overlap_tokens is {settings.overlap_tokens}: expected 0 or more")
    if 0 < room <= settings.overlap_tokens:
        problems.append(
            f"overlap_tokens is {settings.overlap_tokens}: a window holds {room} tokens of text, so expected {room - 1} or less"
        )
    if settings.max_characters < 1:
        problems.append(f"max_characters is {settings.max_characters}: expected 1 or more")
    if settings.normaliser not in NORMALISERS:
        known = ", ".join(map(str, sorted(NORMALISERS)))
        problems.append(f"normaliser is {settings.normaliser}: this release knows {known}, a newer one may know it")
    return problems


def _wrong_prompt(prompt: str) -> list[str]:
    problems = []
    if prompt and prompt.count(SLOT) != 1:
        problems.append(f"prompt has {SLOT} {prompt.count(SLOT)} times: expected once, where the text goes")
    if len(prompt) > LONGEST_PROMPT:
        problems.append(f"prompt has {len(prompt):,} characters: expected {LONGEST_PROMPT:,} or fewer")
    return problems


def _letters(text: str) -> str:
    return "".join(text.split()).casefold()


def _encoded(found: Normalised, encoding: Encoding) -> Encoded:
    windows = tuple(_window(found, part) for part in (encoding, *encoding.overflowing))
    return Encoded(windows=tuple(window for window in windows if any(window.spans)))


def _window(found: Normalised, part: Encoding) -> Window:
    spans = (
        None if special else _span(found, start, end)
        for special, (start, end) in zip(part.special_tokens_mask, part.offsets, strict=True)
    )  # fmt: skip
    return Window(ids=tuple(part.ids), spans=tuple(spans))


def _span(found: Normalised, start: int, end: int) -> Span:
    """The original range of a token, without the space that its word brings along."""
    if end - start > 1 and found.text[start] == " ":
        start += 1
    return found.original_span(start, end)


def _span_within(found: Normalised, low: int, high: int, start: int, end: int) -> Span | None:
    """The original range of a token of a prompt, as far as it lies in the text's characters from `start` to `end`."""
    low, high = max(low, start), min(high, end)
    return _span(found, low, high) if low < high else None


def _shortened(window: Window, excess: int) -> Window:
    """A window without so many of the text's last tokens: one character may need more of them than a prompt leaves."""
    behind = next((at for at, span in enumerate(reversed(window.spans)) if span), 0)
    last = len(window.ids) - behind
    kept = [*range(last - max(excess, 0)), *range(last, len(window.ids))]
    return Window(ids=tuple(window.ids[at] for at in kept), spans=tuple(window.spans[at] for at in kept))
