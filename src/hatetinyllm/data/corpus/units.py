"""
Documents as the units that are learnt: cleaned, without what was met before, cut to blocks, each on its side of held out.

A short document is one piece; the pieces of prose, and of a long document, are its paragraphs. A piece is dropped alone, and
the pieces of one section that stay are joined to blocks. All of a section is learnt, or all of it held out: the next page of
a chapter that was learnt would be no fair test.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.data.corpus.clean import HEADING, heading, plain, prose, useless

KIN, DUPLICATES, SHORT, EMPTY = "kin of judged texts", "exact duplicates", "short documents", "empty lines"
CUT = "documents cut at a short judged text"
LEAST_SPARED = 0.5  # of a document that a short judged text is cut out of, or all of it goes
LONG_CHARACTERS = 4_000  # a longer document is taken apart
SECTION_CHARACTERS = 60_000  # a section that goes on is cut here, or one draw would hold out a book
SPOKEN_CHARACTERS = 60  # prose may repeat a shorter paragraph: people say yes more than once
_SENTENCE = re.compile(r"(?<=[.!?])\s+")

Meets = Callable[[Sequence[str]], NDArray[np.bool_]]
Spares = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A paragraph or a short document, and the number of the section it belongs to."""

    section: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A block of text, the number its chance is drawn by, and its section's, which holds it out or not."""

    text: str
    draw: int
    section_draw: int


def pieces_of_prose(lines: Iterable[str], dropped: Counter[str]) -> Iterator[Piece]:
    """The paragraphs of books; headings part sections and go."""
    section = size = 0
    for line in (part for text in lines for part in text.split("\n")):
        if heading(line) or size > SECTION_CHARACTERS:
            section, size = section + 1, 0
        if heading(line):
            dropped[HEADING] += 1
            continue
        text = prose(line)
        reason = useless(text) if text else EMPTY
        if reason:
            dropped[reason] += 1
            continue
        size += len(text)
        yield Piece(section=section, text=text)


def pieces_of_documents(texts: Iterable[str], dropped: Counter[str]) -> Iterator[Piece]:
    """Each document a section, its pieces its paragraphs where it is long; a paragraph without end is cut at sentences."""
    for section, raw in enumerate(texts):
        text = plain(raw)
        if not text:
            dropped[EMPTY] += 1
        elif len(text) <= LONG_CHARACTERS:
            yield Piece(section=section, text=text)
        else:
            for line in text.split("\n"):
                yield from (Piece(section=section, text=part) for part in _parts(line))


def without_kin(
    pieces: Iterable[Piece], meets: Meets, spare: Spares | None, dropped: Counter[str], *, at_once: int
) -> Iterator[Piece]:
    """The pieces that are no kin of judged texts; `spare` may save the rest of one."""
    for batch in _batches(pieces, at_once):
        for piece, kin in zip(batch, meets([piece.text for piece in batch]).tolist(), strict=True):
            if not kin:
                yield piece
            elif spare and (rest := spare(piece.text)):
                dropped[CUT] += 1
                yield Piece(section=piece.section, text=rest)
            else:
                dropped[KIN] += 1


def spared(text: str, *, meets: Meets, meets_long: Meets) -> str:
    """
    A document without the sentences that hold a short judged text; nothing where it is kin otherwise.

    Judged sets hold texts such as `have a nice day`, and so does every fourth dialogue.
    """
    if meets_long([text])[0]:
        return ""
    sentences = _SENTENCE.split(text)
    rest = " ".join(sentence for sentence, met in zip(sentences, meets(sentences).tolist(), strict=True) if not met)
    return rest if len(rest) >= LEAST_SPARED * len(text) and not meets([rest])[0] else ""


def without_duplicates(
    pieces: Iterable[Piece], seen: set[int], dropped: Counter[str], *, least_characters: int
) -> Iterator[Piece]:
    """The pieces that, from a length on, are no duplicate of an earlier one."""
    for piece in pieces:
        if len(piece.text) >= least_characters:
            number = digest_number(" ".join(piece.text.lower().split()))
            if number in seen:
                dropped[DUPLICATES] += 1
                continue
            seen.add(number)
        yield piece


def blocks_of(pieces: Iterable[Piece], dropped: Counter[str], *, words: int, least_words: int) -> Iterator[Unit]:
    """Neighbouring pieces of one section, joined by line ends to about so many words; too short ones go."""
    held: list[str] = []
    count, section, section_draw = 0, -1, 0

    def joined() -> Iterator[Unit]:
        text = "\n".join(held)
        if count >= max(1, least_words):
            yield Unit(text=text, draw=digest_number(text), section_draw=section_draw)
        elif held:
            dropped[SHORT] += 1

    for piece in pieces:
        if piece.section != section or count >= words:
            yield from joined()
            held, count = [], 0
        if piece.section != section:
            section, section_draw = piece.section, digest_number(piece.text)
        held.append(piece.text)
        count += piece.text.count(" ") + piece.text.count("\n") + 1
    yield from joined()


def digest_number(text: str) -> int:
    """64 bits of a text: the same on every machine."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _parts(line: str) -> Iterator[str]:
    if len(line) <= LONG_CHARACTERS:
        yield line
        return
    held: list[str] = []
    size = 0
    for sentence in _SENTENCE.split(line):
        for start in range(0, len(sentence), LONG_CHARACTERS):
            part = sentence[start : start + LONG_CHARACTERS]
            if held and size + len(part) > LONG_CHARACTERS:
                yield " ".join(held)
                held, size = [], 0
            held.append(part)
            size += len(part)
    yield " ".join(held)


def _batches(pieces: Iterable[Piece], at_once: int) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    for piece in pieces:
        batch.append(piece)
        if len(batch) == at_once:
            yield batch
            batch = []
    if batch:
        yield batch
