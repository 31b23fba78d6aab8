"""What a prepared corpus says of itself: its key, and of every source the files, licences, counts and losses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from hatetinyllm.data.card import File
from hatetinyllm.data.corpus.choose import Chosen
from hatetinyllm.data.corpus.places import Place
from hatetinyllm.data.dataset import card_of
from hatetinyllm.data.fetch import fetch_if_there
from hatetinyllm.folder import FolderError, check_sums
from hatetinyllm.plain import plain, to_json
from hatetinyllm.typed import TypedError, build

CLEANING = 1  # raised by whoever changes what a corpus's text comes to
RECORD = "corpus.json"
OF_THE_ORDER = ("shares", "seed")  # options that change no text


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source: where it is from, what was read and kept of it, and what was dropped and why."""

    name: str
    licences: tuple[str, ...]  # ids of data/licence.py
    upstream: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)  # name -> sha256
    documents: int = 0  # read: rows, or lines of a text file
    units: int = 0  # kept: short documents and blocks
    characters: int = 0  # kept to learn
    held_out_characters: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)  # reason -> paragraphs or documents
    epoch_characters: int = 0  # learnt in one epoch, by the source's share

    def say(self) -> list[str]:
        """The source in words."""
        read = f"{self.name}: {self.documents:,} documents read"
        kept = f"{self.units:,} units kept, {self.characters:,} characters to learn and {self.held_out_characters:,} held out"
        lost = ", ".join(f"{count:,} {reason}" for reason, count in self.dropped.items())
        said = [f"{read}; {kept}" + (f"; dropped: {lost}" if lost else "")]
        if self.epoch_characters and self.epoch_characters != self.characters:
            times = self.epoch_characters / max(1, self.characters)
            said.append(f"{self.name}: {self.epoch_characters:,} characters an epoch, {times:.2f} times what there is")
        return said


@dataclass(frozen=True, kw_only=True)
class Record:
    """What stands beside the text."""

    key: str
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()


def key_of(chosen: Chosen, places: Sequence[Place]) -> str:
    """What decides a corpus's text: the options, the bytes of its files, and those of its datasets."""
    options = {name: value for name, value in plain(chosen).items() if name not in OF_THE_ORDER}
    cards = [card_of(word.partition(":")[0]) for word in (*chosen.datasets, *chosen.judged)]
    files = {file.path: _digest(file) for card in cards if card for file in card.files}
    told = [CLEANING, options, [(place.name, *place.digests) for place in places], sorted(files.items())]
    return sha256(json.dumps(told, sort_keys=True).encode("utf-8")).hexdigest()


def _digest(file: File) -> str | None:
    """The digest of the bytes that are here, else of those that will come; nothing is downloaded for a key."""
    here = fetch_if_there(replace(file, url=None))
    return here.sha256 if here else file.sha256


def open_record(folder: Path, key: str) -> Record | None:
    """The record of a folder that holds this corpus, whole; None where it has to be made."""
    try:
        if not (folder / RECORD).is_file():
            return None
        record = build(Record, json.loads((folder / RECORD).read_text(encoding="utf-8")), RECORD)
        if record.key != key:
            return None
        check_sums(folder)
    except (TypedError, FolderError, ValueError):
        return None  # damaged, or written by another version: it is made anew from its sources
    return record


def write_record(folder: Path, record: Record) -> None:
    """Write the record into a folder that is being filled."""
    (folder / RECORD).write_text(to_json(record, indent=2) + "\n", encoding="utf-8", newline="\n")
