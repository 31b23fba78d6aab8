"""
The one encoding, for training and for verdicts: text -> normal form -> windows of token ids.

A long text becomes windows of at most `max_tokens`, each begun `overlap_tokens` before the end of the last; the special
tokens stand in every window. Training takes the first window and counts the rest as truncated; a detector takes the
highest score over the windows. A text with nothing left to read has no windows. Words of the text that look like
special tokens (`<s>`) are read as plain letters. This file does not know padding, batches or nets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from tokenizers import Encoding, Tokenizer

from hatetinyllm.errors import BundleError, RecipeError
from hatetinyllm.text.normalise import NORMALISERS, Normalised, normalise
from hatetinyllm.types import Count, Whole

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """How texts are read; a recipe chooses it and the bundle carries it."""

    max_tokens: Count = 128  # of a window, special tokens included
    overlap_tokens: Whole = 32  # of a window and the next
    max_characters: Count = 100_000  # longer texts are refused with a reason
    normaliser: Count = 1  # version of the normal form; a bundle keeps the one it learnt with


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
        if problems := wrong_settings(settings, self._tokenizer.num_special_tokens_to_add(is_pair=False)):
            raise RecipeError("the text settings cannot be used", problems)
        self._tokenizer.encode_special_tokens = True
        self._file = self._tokenizer.to_str(pretty=False) + "\n"
        self._tokenizer.enable_truncation(settings.max_tokens, stride=settings.overlap_tokens)

    def encode(self, text: str) -> Encoded:
        """The windows of one text."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[Encoded]:
        """The windows of each text, as if it came alone."""
        normal = [normalise(text, self.settings.normaliser) for text in texts]
        encodings = self._tokenizer.encode_batch([found.text for found in normal])
        return [_encoded(found, encoding) for found, encoding in zip(normal, encodings, strict=True)]

    def save(self, path: Path) -> None:
        """Write the tokenizer as one JSON file: pure data, without the settings."""
        path.write_text(self._file, encoding="utf-8", newline="\n")


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


def wrong_settings(settings: TextSettings, special_tokens: int = 0) -> list[str]:
    """What is wrong with the settings, as far as they and the special tokens of a tokenizer tell."""
    room = settings.max_tokens - special_tokens
    problems = []
    if room < 1:
        problems.append(
            f"max_tokens is {settings.max_tokens}: {special_tokens} special tokens and one of text need {special_tokens + 1}"
        )
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
