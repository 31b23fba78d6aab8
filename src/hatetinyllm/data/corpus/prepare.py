"""
A corpus: everything chosen, cleaned once into a folder, and read from there in a mixed order as often as asked.

The folder knows what it was made of. Asked for the same again it is opened in moments; shares and the seed change only the
order, so they ask for no new cleaning. A source's bytes, its losses and its licence are recorded beside its text.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hatetinyllm.data.corpus.choose import Chosen
from hatetinyllm.data.corpus.documents import read_documents
from hatetinyllm.data.corpus.judged import TEXTS_AT_ONCE, Judged, load_judged, load_set, near_kin, recorded_kin
from hatetinyllm.data.corpus.mix import copies_of, order_of, read_share, wrong_shares
from hatetinyllm.data.corpus.places import Place, find_places
from hatetinyllm.data.corpus.record import Record, Source, key_of, open_record, write_record
from hatetinyllm.data.corpus.runs import shares_run
from hatetinyllm.data.corpus.store import Stream, Writer, read_units, stream_of
from hatetinyllm.data.corpus.units import (
    KIN,
    SPOKEN_CHARACTERS,
    Meets,
    Piece,
    blocks_of,
    pieces_of_documents,
    pieces_of_prose,
    spared,
    without_duplicates,
    without_kin,
)
from hatetinyllm.data.dataset import card_of, require_consent
from hatetinyllm.errors import DataError, did_you_mean
from hatetinyllm.folder import written_whole
from hatetinyllm.types import Example

PIECES_AT_ONCE = 4_000  # searched for runs of judged words

Progress = Callable[[str, int], None]  # a source's name, and the characters read of it so far


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Clean documents to learn and others to be judged on, and where they came from."""

    train: Stream  # the first epoch
    held_out: Stream
    held_out_of: Mapping[str, Stream]  # by source
    sources: tuple[Source, ...]
    notes: tuple[str, ...]
    folder: Path
    seed: int
    units: NDArray[np.void] = field(repr=False)
    copies: NDArray[np.int64] = field(repr=False)

    @property
    def licences(self) -> tuple[str, ...]:
        """The licence ids of all that is learnt."""
        return tuple(sorted({id for source in self.sources for id in source.licences}))

    @property
    def files(self) -> dict[str, str]:
        """Source and file -> sha256."""
        return {f"{source.name}: {name}": digest for source in self.sources for name, digest in source.files.items()}

    def epoch(self, number: int) -> Stream:
        """The documents of an epoch, counted from 0, in an order of its own."""
        order = order_of(self.units, self.copies, self.seed + number * 1_000_003)
        return stream_of(self.folder, self.units[order])


def prepare_corpus(chosen: Chosen, folder: Path, *, on_progress: Progress | None = None) -> Corpus:
    """The corpus of these options, from the folder where it is already there, else made in it."""
    places = find_places(chosen.files)
    names = [*(place.name for place in places), *(word.partition(":")[0] for word in chosen.datasets)]
    if problems := _wrong_names(chosen, names):
        raise DataError("the corpus cannot be made as asked", problems)
    for card in map(card_of, (word.partition(":")[0] for word in (*chosen.datasets, *chosen.judged))):
        if card:
            require_consent(card)
    key = key_of(chosen, places)
    record = open_record(folder, key)
    if record is None:
        record = _made(chosen, places, folder, key, on_progress or (lambda source, characters: None))
    return _opened(chosen, folder, record)


def _wrong_names(chosen: Chosen, names: Sequence[str]) -> list[str]:
    problems = [f"two sources go by the name {name!r}" for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [f"shares: {problem}" for problem in wrong_shares(chosen.shares, names)]
    return problems + [
        f"prose: there is no source {name!r} ({did_you_mean(name, names)})" for name in chosen.prose if name not in names
    ]


def _opened(chosen: Chosen, folder: Path, record: Record) -> Corpus:
    units = read_units(folder)
    names = [source.name for source in record.sources]
    shares = dict(found for word in chosen.shares if not isinstance(found := read_share(word), str))
    copies = copies_of(units, names, shares)
    learnt = units["characters"].astype(np.int64) * copies
    sources = tuple(
        replace(source, epoch_characters=int(learnt[units["source"] == number].sum()))
        for number, source in enumerate(record.sources)
    )
    held_out = units[units["held_out"]]
    return Corpus(
        train=stream_of(folder, units[order_of(units, copies, chosen.seed)]),
        held_out=stream_of(folder, held_out),
        held_out_of={name: stream_of(folder, held_out[held_out["source"] == number]) for number, name in enumerate(names)},
        sources=sources,
        notes=(*record.notes, *(said for source in sources for said in source.say())),
        folder=folder,
        seed=chosen.seed,
        units=units,
        copies=copies,
    )


def _made(chosen: Chosen, places: Sequence[Place], folder: Path, key: str, on_progress: Progress) -> Record:
    judged = load_judged(chosen.judged)
    seen: set[int] = set()
    sources: list[Source] = []
    with written_whole(folder) as temporary:
        writer = Writer(temporary)
        try:
            for place in places:
                texts = (text for path in place.paths for text in read_documents(path, column=chosen.column))
                near = chosen.near_duplicates == "always" or any(text.short for text in place.known)
                pour = partial(_poured, chosen, judged, writer, seen, on_progress, len(sources))
                sources.append(pour(source=_source_of(place), texts=texts, near=near, prose=_is_prose(chosen, place)))
            for word in chosen.datasets:
                pour = partial(_poured, chosen, judged, writer, seen, on_progress, len(sources))
                sources.append(_dataset(word, judged, pour))
            if not len(writer.finish()):
                raise DataError("nothing is left of the corpus", [said for source in sources for said in source.say()])
        finally:
            writer.close()
        notes = [*judged.notes, *(place.note for place in places if place.note)]
        record = Record(key=key, sources=tuple(sources), notes=tuple(notes))
        write_record(temporary, record)
    return record


def _dataset(word: str, judged: Judged, pour: Callable[..., Source]) -> Source:
    """The train texts of a dataset; kin by record go before any text is compared."""
    splits = load_set(word)
    kin = recorded_kin(splits.name, splits.train, judged)
    left: list[Example] = [example for example, met in zip(splits.train, kin.tolist(), strict=True) if not met]
    card = card_of(splits.name)
    source = Source(
        name=splits.name,
        licences=splits.licences,
        upstream=(card.source,) if card else (),
        files=dict(splits.files),
        dropped={KIN: int(kin.sum())} if kin.any() else {},
        documents=int(kin.sum()),
    )
    return pour(source=source, texts=(example.text for example in left), near=True, prose=False)


def _poured(
    chosen: Chosen,
    judged: Judged,
    writer: Writer,
    seen: set[int],
    on_progress: Progress,
    number: int,
    *,
    source: Source,
    texts: Iterable[str],
    near: bool,
    prose: bool,
) -> Source:
    """A source written unit by unit; returned with its counts."""
    dropped: Counter[str] = Counter(source.dropped)
    read = Counter(documents=source.documents)
    near = near and chosen.near_duplicates != "never"
    counted = _counted(texts, read)
    pieces: Iterable[Piece] = pieces_of_prose(counted, dropped) if prose else pieces_of_documents(counted, dropped)
    pieces = without_duplicates(pieces, seen, dropped, least_characters=SPOKEN_CHARACTERS if prose else 0)
    pieces = _without_kin(pieces, chosen, judged, dropped, near=near, spare=not (near or prose))
    kept: Counter[str] = Counter()
    for unit in blocks_of(pieces, dropped, words=chosen.block_words, least_words=chosen.least_words):
        held_out = unit.section_draw < chosen.held_out_share * 2.0**64
        writer.add(unit.text, source=number, draw=unit.draw, held_out=held_out)
        side = "held_out_characters" if held_out else "characters"
        kept.update({"units": 1, side: len(unit.text)})
        if kept["units"] % PIECES_AT_ONCE == 0:
            on_progress(source.name, read["characters"])
    on_progress(source.name, read["characters"])
    return replace(
        source,
        documents=read["documents"],
        units=kept["units"],
        characters=kept["characters"],
        held_out_characters=kept["held_out_characters"],
        dropped=dict(sorted(dropped.items())),
    )


def _without_kin(
    pieces: Iterable[Piece], chosen: Chosen, judged: Judged, dropped: Counter[str], *, near: bool, spare: bool
) -> Iterable[Piece]:
    if near:
        meets: Meets = partial(near_kin, judged=judged, threshold=chosen.threshold)
        return without_kin(pieces, meets, None, dropped, at_once=TEXTS_AT_ONCE)
    meets = partial(shares_run, runs=judged.runs)
    spares = partial(spared, meets=meets, meets_long=partial(shares_run, runs=judged.long_runs))
    return without_kin(pieces, meets, spares if spare else None, dropped, at_once=PIECES_AT_ONCE)


def _counted(texts: Iterable[str], read: Counter[str]) -> Iterable[str]:
    for text in texts:
        read["documents"] += 1
        read["characters"] += len(text)
        yield text


def _is_prose(chosen: Chosen, place: Place) -> bool:
    return place.name in chosen.prose or (bool(place.known) and all(text.prose for text in place.known) and place.whole)


def _source_of(place: Place) -> Source:
    return Source(
        name=place.name,
        licences=place.licences,
        upstream=place.upstream,
        files=dict(zip(_names(place.paths), place.digests, strict=True)),
    )


def _names(paths: Sequence[Path]) -> list[str]:
    """The paths from the folder they share: no folder of one machine stands in a record."""
    if len(paths) == 1:
        return [paths[0].name]
    shared = Path(os.path.commonpath(paths))
    return [path.relative_to(shared).as_posix() for path in paths]
