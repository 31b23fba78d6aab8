"""
Rows a bundle did not learn from: what it may honestly be judged on, and what it may be calibrated on.

To be judged on, a row's text stands neither in what the bundle learnt from nor in what its thresholds were chosen on. To be
calibrated on, it does not stand in what the weights were fitted to; of the bundle's own dev part, which chose among weights,
it may be, where that is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatetinyllm.bundle import Bundle, Calibration
from hatetinyllm.config.recipe import read_toml, with_settings
from hatetinyllm.data.checks import digest_part, digest_rows
from hatetinyllm.errors import DataError, HateTinyLLMError
from hatetinyllm.text.normalise import normalise
from hatetinyllm.training.sections import sections
from hatetinyllm.training.source import CARVE_NOTHING, as_part, is_table, moved, of_source, read_source, refuse_other_files
from hatetinyllm.types import PARTS, Example, Splits

LEARNT_FROM = "the bundle learnt from"


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Examples, how many were left out because their text had a part in the bundle, and what a reader must know."""

    splits: Splits  # the dataset as it was parted, before anything was left out
    part: str
    examples: tuple[Example, ...]
    seen: int
    notes: tuple[str, ...]
    learnt: Splits | None  # what the bundle learnt from, where it can be read
    asked: Mapping[str, Any]  # the sections of a recipe that give these rows again


def unseen_rows(bundle: Bundle, data: str | None, part: str, settings: Sequence[str]) -> Unseen:
    """A part of a dataset without the rows whose text the bundle learnt from, or chose its thresholds by."""
    return _unseen(bundle, data, part, settings, to_calibrate=False)


def held_out_rows(bundle: Bundle, data: str | None, part: str, settings: Sequence[str]) -> Unseen:
    """A part of a dataset to calibrate on: without the rows whose text the weights were fitted to, or chosen by unless asked."""
    return _unseen(bundle, data, part, settings, to_calibrate=True)


def chose_weights(data: str | None, part: str) -> bool:
    """Whether these rows had a part in the choice of weights: the bundle's own dev part, asked for as such."""
    return data is None and part == "dev"


def _unseen(bundle: Bundle, data: str | None, part: str, settings: Sequence[str], *, to_calibrate: bool) -> Unseen:
    own = read_toml(bundle.manifest.recipe, where=f"the recipe in {bundle.folder}")
    if data is None and not own:
        hints = ["name the rows to judge it on by --data NAME"]
        raise DataError("the bundle does not say what it learnt from: it was trained elsewhere", hints)
    if data is None:
        asked = with_settings(own, settings, sections())
        own = with_settings(own, moved(own, settings))
        refuse_other_files(own, _files_of(bundle), whose=LEARNT_FROM)
    else:
        asked = as_part(with_settings({"data": _data_of(data, own), "split": CARVE_NOTHING}, settings), part)
    splits = read_source(asked)
    rows = splits.part(part)
    if not rows:
        raise DataError(f"{splits.name} has no {part} part", [f"it has {', '.join(_sizes(splits))}"])
    # Its own data as it learnt from it is not read, and its kin not looked for, a second time.
    own_splits, notes = _learnt(bundle, own, splits if asked == own else None, foreign=data is not None)
    fitted = (*own_splits.train, *(() if to_calibrate and chose_weights(data, part) else own_splits.dev)) if own_splits else ()
    calibrated, more = ((), []) if to_calibrate else _calibrated(bundle, own_splits, settings if data is None else ())
    fresh, left_out = _without(rows, {"learnt from": fitted, "was calibrated on": calibrated}, bundle)
    if not fresh:
        which = f"all {len(rows):,} rows of {splits.name} {part}"
        raise DataError(f"the bundle {' or '.join(left_out)} {which}: a figure on them says nothing")
    told = [f"{count:,} of {len(rows):,} rows left out: the bundle {verb} their text" for verb, count in left_out.items()]
    told = [*told, *notes, *more, *splits.notes]
    seen = len(rows) - len(fresh)
    read = of_source(asked)
    return Unseen(splits=splits, part=part, examples=fresh, seen=seen, notes=tuple(told), learnt=own_splits, asked=read)


def _learnt(bundle: Bundle, own: Mapping[str, Any], splits: Splits | None, *, foreign: bool) -> tuple[Splits | None, list[str]]:
    """What the bundle read in training and chose its thresholds by; a note where that cannot be read again."""
    if not own:
        return None, ["what the bundle learnt from is unknown, it was trained elsewhere: these rows may be among it"]
    try:
        if splits is None:
            refuse_other_files(own, _files_of(bundle), whose=LEARNT_FROM)
            splits = read_source(own)
        if bundle.manifest.data is not None and bundle.manifest.data.digest != digest_rows(splits):
            raise DataError(f"the rows of {splits.name} are no longer those it learnt from")
    except HateTinyLLMError as error:
        if not foreign:
            raise
        return None, [f"what the bundle learnt from cannot be read here, so nothing could be left out: {error.message}"]
    return splits, []


def _without(
    rows: Sequence[Example], parted: Mapping[str, Sequence[Example]], bundle: Bundle
) -> tuple[tuple[Example, ...], dict[str, int]]:
    """The rows whose text none of the others have, and how many each of these took away, where it took any."""
    version = int(bundle.manifest.text["normaliser"])  # of the normal form the bundle reads texts in
    texts = {verb: {normalise(example.text, version).text for example in examples} for verb, examples in parted.items()}
    fresh, left_out = [], dict.fromkeys(parted, 0)
    for example in rows:
        text = normalise(example.text, version).text
        why = next((verb for verb in texts if text in texts[verb]), None)
        if why is None:
            fresh.append(example)
        else:
            left_out[why] += 1
    return tuple(fresh), {verb: count for verb, count in left_out.items() if count}


def _calibrated(bundle: Bundle, own: Splits | None, settings: Sequence[str]) -> tuple[Sequence[Example], list[str]]:
    """The rows that the bundle's thresholds were chosen on, those of every head; a note where they cannot be read again."""
    made = [bundle.manifest.calibration, *(head.calibration for head in bundle.manifest.beside.values())]
    records = {(record.digest, record.part): record for record in made if record is not None}
    found = [_calibrated_by(record, own, settings) for record in records.values()]
    return [example for examples, _ in found for example in examples], [note for _, notes in found for note in notes]


def _calibrated_by(record: Calibration, own: Splits | None, settings: Sequence[str]) -> tuple[Sequence[Example], list[str]]:
    if own is not None and digest_part(own, record.part) == record.digest:
        return own.part(record.part), []
    try:
        asked = with_settings(record.asked, moved(record.asked, settings))
        refuse_other_files(asked, record.files, whose="the bundle was calibrated on")
        splits = read_source(asked)
        if digest_part(splits, record.part) != record.digest:
            raise DataError(f"the rows of {splits.name} {record.part} are no longer those it was calibrated on")
    except HateTinyLLMError as error:
        return (), [f"what the bundle was calibrated on cannot be read here, so it could not be left out: {error.message}"]
    return splits.part(record.part), []


def _files_of(bundle: Bundle) -> Mapping[str, str]:
    return bundle.manifest.data.files if bundle.manifest.data else {}


def _data_of(name: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset by name; another table is read with the columns and words of the one the bundle learnt from."""
    if name != "table" or not is_table(own):
        return {"name": name}
    return {key: value for key, value in own["data"].items() if key not in ("path", *PARTS)}


def _sizes(splits: Splits) -> list[str]:
    return [f"{part} ({len(splits.part(part)):,})" for part in PARTS if splits.part(part)]
