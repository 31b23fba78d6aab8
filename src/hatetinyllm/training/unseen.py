"""Rows a bundle did not learn from: what it may honestly be judged on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatetinyllm.bundle import Bundle
from hatetinyllm.config.recipe import read_toml, with_settings
from hatetinyllm.data.checks import digest_rows
from hatetinyllm.errors import DataError
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
    splits = _splits({**_parts_of(own), **_only(with_settings(asked, settings), ("data", "split", "plugins"))})
    rows = splits.part(part)
    if not rows:
        raise DataError(f"{splits.name} has no {part} part", [f"it has {', '.join(_sizes(splits))}"])
    learnt = {normalise(example.text).text for example in _learnt(bundle, own)}
    fresh = tuple(example for example in rows if normalise(example.text).text not in learnt)
    seen = len(rows) - len(fresh)
    if not fresh:
        raise DataError(f"the bundle learnt from all {len(rows):,} rows of {splits.name} {part}: a figure on them says nothing")
    told = [f"{seen:,} of {len(rows):,} rows left out: the bundle learnt from their text"] if seen else []
    return Unseen(name=splits.name, examples=fresh, seen=seen, notes=(*told, *splits.notes))


def _learnt(bundle: Bundle, own: Mapping[str, Any]) -> Sequence[Example]:
    """The train and dev rows of the bundle's own recipe, read again; they must be the rows it names."""
    splits = _splits(own)
    record = bundle.manifest.data
    if record is not None and record.digest != digest_rows(splits):
        raise DataError(f"the rows of {splits.name} are not those the bundle learnt from: what it saw cannot be told")
    return [*splits.train, *splits.dev]


def _splits(given: Mapping[str, Any]) -> Splits:
    return read_splits(check(given))


def _parts_of(own: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a recipe a reader of data does not use, but a check asks for."""
    return {name: own[name] for name in ("model", "tuning") if name in own}


def _only(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _sizes(splits: Splits) -> list[str]:
    return [f"{part} ({len(splits.part(part)):,})" for part in ("train", "dev", "test") if splits.part(part)]
