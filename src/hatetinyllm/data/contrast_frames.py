"""
The sentences of the contrast corpus, from contrast_frames.toml, and how one is filled.

A frame is what its rows share. Its texts differ in a few words or in who is named, and so may their labels.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from hatetinyllm.data.contrast_words import decoded

PLACE = Path(__file__).parent / "contrast_frames.toml"
SLOT = re.compile(r"\{([\w*]+)\}")
ARTICLE = re.compile(r"\b([Aa])n? (?=(\w+))")
SOUNDS_OPEN, SOUNDS_CLOSED = ("hour", "honest"), ("use", "uni", "one", "eu")  # against what their first letter says
PLAIN = "bad P"
HOMONYM_DRAWS = 8


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text of a frame: what it is about, whether {adj_*} is bad or good, and whom {who} names."""

    function: str
    sentence: str
    pole: str = "bad"
    who: str = "P"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Texts that are filled together; `slur` is set where the frame is about one word."""

    name: str
    part: str
    texts: tuple[Text, ...]
    draws: int
    slur: str | None = None


@dataclass(frozen=True, kw_only=True)
class Function:
    """What rows of a function answer; nothing where an answer is not clear."""

    hate: str
    toxicity: str | None = None
    types: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Frames:
    """All frames, the functions they are about, and the slots that each part has for itself."""

    frames: tuple[Frame, ...]
    functions: Mapping[str, Function]
    slots: Mapping[str, Mapping[str, tuple[str, ...]]]


def read_frames(path: Path = PLACE) -> Frames:
    """The frames as the file has them."""
    given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Frames(
        frames=(*_of_blocks(given["block"]), *_of_homonyms(given["homonyms"])),
        functions={name: _function(*said) for name, said in given["functions"].items()},
        slots={part: {slot: tuple(words) for slot, words in given[part].items()} for part in ("train", "dev")},
    )


def _function(hate: str, toxicity: str | None = None, *types: str) -> Function:
    return Function(hate=hate, toxicity=toxicity, types=types)


def _of_blocks(blocks: list[dict[str, Any]]) -> Iterator[Frame]:
    for number, block in enumerate(blocks, start=1):
        functions = block["functions"]
        told = [variant.split() for variant in block.get("variants", [PLAIN] * len(functions))]
        for part in ("train", "dev"):
            for place, frame in enumerate(block[part], start=1):
                sentences = [frame] * len(functions) if isinstance(frame, str) else frame
                texts = tuple(
                    Text(function=function, sentence=sentence, pole=pole, who=who)
                    for function, sentence, (pole, who) in zip(functions, sentences, told, strict=True)
                )
                yield Frame(name=f"{number}-{part}-{place}", part=part, texts=texts, draws=block["draws"])


def _of_homonyms(homonyms: Mapping[str, list[str]]) -> Iterator[Frame]:
    """A harmless sentence beside an insult, both with the same word; the last sentence of each word is for dev."""
    for coded, sentences in homonyms.items():
        for place, sentence in enumerate(sentences, start=1):
            harmless = sentence.replace("{xs}", "{H}").replace("{x}", "{H_s}")
            texts = (Text(function="slur", sentence="{insult}"), Text(function="homonym", sentence=harmless))
            part = "dev" if place == len(sentences) else "train"
            yield Frame(name=f"{coded}-{place}", part=part, texts=texts, draws=HOMONYM_DRAWS, slur=decoded(coded))


@dataclass(frozen=True, kw_only=True)
class Filling:
    """What the texts of a frame share in one draw: who is named, and the entry each slot came to."""

    cast: Mapping[str, str]
    slots: Mapping[str, tuple[str, ...]]
    random: Random
    chosen: dict[tuple[str, int], str]

    def fill(self, text: Text) -> str:
        """The sentence with its slots filled, until no entry brings a new one."""
        sentence, met = text.sentence, dict[str, int]()
        while slot := SLOT.search(sentence):
            name = _resolved(slot[1], text)
            met[name] = met.get(name, 0) + 1
            word = self.cast[name] if name in self.cast else self._entry(name, met[name])
            sentence = f"{sentence[: slot.start()]}{word}{sentence[slot.end() :]}"
        return ARTICLE.sub(_article, sentence)

    def _entry(self, name: str, time: int) -> str:
        if (name, time) not in self.chosen:
            self.chosen[name, time] = self.random.choice(self.slots[name])
        return self.chosen[name, time]


def roles(text: Text, filling: Filling) -> set[str]:
    """Who is named in a filled text: P, U, X or H."""
    found, waiting = set[str](), [text.sentence]
    while waiting:
        for slot in SLOT.findall(waiting.pop()):
            name = _resolved(slot, text)
            if name in filling.cast:
                found.add(name.partition("_")[0])
            else:
                waiting += [word for (chosen, _), word in filling.chosen.items() if chosen == name]
    return found


def _resolved(slot: str, text: Text) -> str:
    name = slot.replace("*", text.pole)
    return f"{text.who}{name[3:]}" if name == "who" or name.startswith("who_") else name


def _article(found: re.Match[str]) -> str:
    word = found[2].casefold()
    is_open = (word[0] in "aeiou" or word.startswith(SOUNDS_OPEN)) and not word.startswith(SOUNDS_CLOSED)
    return f"{found[1]}n " if is_open else f"{found[1]} "
