"""Rows a bundle did not learn from: what it may honestly be judged on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatetinyllm.bundle import Bundle
from hatetinyllm.config.recipe import read_toml, with_settings
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.errors import DataError, HateTinyLLMError
from hatetinyllm.text.normalise import normalise
from hatetinyllm.training.follow import check, read_splits
from hatetinyllm.types import Example, Splits


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Examples, how many were left out because the bundle learnt from their text, and what a reader must know."""

    name: str
    examples: tuple[Example, ...]
    seen: int
    notes: tuple[str, ...]


def unseen_rows(bundle: Bundle, data: str | None, part: str, settings: Sequence[str]) -> Unseen:
    """A part of a dataset without the rows whose text the bundle learnt from, or chose its thresholds by."""
    own = read_toml(bundle.manifest.recipe, where=f"the recipe in {bundle.folder}")
    asked = own if data is None else {"data": {"name": data}, "split": {"name": "official"}}
    splits = _splits({**_parts_of(own), **_only(with_settings(asked, settings), ("data", "split"))})
    rows = splits.part(part)
    if not rows:
        raise DataError(f"{splits.name} has no {part} part", [f"it has {', '.join(_sizes(splits))}"])
    learnt, notes = _learnt_texts(bundle, own, foreign=data is not None)
    fresh = tuple(example for example in rows if normalise(example.text).text not in learnt)
    seen = len(rows) - len(fresh)
    if not fresh:
        raise DataError(f"the bundle learnt from all {len(rows):,} rows of {splits.name} {part}: a figure on them says nothing")
    told = [f"{seen:,} of {len(rows):,} rows left out: the bundle learnt from their text"] if seen else []
    return Unseen(name=splits.name, examples=fresh, seen=seen, notes=(*told, *notes, *splits.notes))


def _learnt_texts(bundle: Bundle, own: Mapping[str, Any], *, foreign: bool) -> tuple[set[str], list[str]]:
    """What the bundle read in training and chose its thresholds by; a note where that cannot be read again."""
    try:
        splits = _splits(own)
        if bundle.manifest.data is not None and bundle.manifest.data.digest != digest_rows(splits):
            raise DataError(f"the rows of {splits.name} are no longer those it learnt from")
    except HateTinyLLMError as error:
        if not foreign:
            raise
        return set(), [f"what the bundle learnt from cannot be read here, so nothing could be left out: {error.message}"]
    return {normalise(example.text).text for example in (*splits.train, *splits.dev)}, []


def _splits(given: Mapping[str, Any]) -> Splits:
    """The rows of a recipe. The recipe may be a stranger's, so the plugins it names are not imported."""
    return read_splits(check({**given, "plugins": ()}))


def _parts_of(own: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a recipe a reader of data does not use, but a check asks for."""
    return {name: own[name] for name in ("model", "tuning") if name in own}


def _only(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _sizes(splits: Splits) -> list[str]:
    return [f"{part} ({len(splits.part(part)):,})" for part in ("train", "dev", "test") if splits.part(part)]
