"""
Rows a bundle did not learn from: what it may honestly be judged on, and what it may be calibrated on.

To be judged on, a row's text stands neither in what the bundle learnt from nor in what its thresholds were chosen on. To be
calibrated on, it does not stand in what the weights were fitted to; of the bundle's own dev part, which chose among weights,
it may be, where that is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatetinyllm.bundle import Bundle
from hatetinyllm.config.recipe import read_toml, with_settings
from hatetinyllm.data.checks import digest_part, digest_rows
from hatetinyllm.errors import DataError, HateTinyLLMError
from hatetinyllm.folder import digest_of
from hatetinyllm.text.normalise import normalise
from hatetinyllm.training.follow import check, read_splits
from hatetinyllm.types import PARTS, Example, Splits

SECTIONS = ("data", "sample", "split")  # of a recipe: what its rows come from
PLACES = tuple(f"data.{key}=" for key in ("path", *PARTS))


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
        asked = with_settings(own, settings)
        own = with_settings(own, _moved(own, settings))
        _refuse_other_files(own, _files_of(bundle))
    else:
        carve_nothing = {"name": "official", "test_share": 0.0, "dev_share": 0.0}
        asked = as_part(with_settings({"data": _data_of(data, own), "split": carve_nothing}, settings), part)
    splits = _splits(asked)
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
    read = _only(asked, SECTIONS)
    return Unseen(splits=splits, part=part, examples=fresh, seen=seen, notes=tuple(told), learnt=own_splits, asked=read)


def _learnt(bundle: Bundle, own: Mapping[str, Any], splits: Splits | None, *, foreign: bool) -> tuple[Splits | None, list[str]]:
    """What the bundle read in training and chose its thresholds by; a note where that cannot be read again."""
    if not own:
        return None, ["what the bundle learnt from is unknown, it was trained elsewhere: these rows may be among it"]
    try:
        if splits is None:
            _refuse_other_files(own, _files_of(bundle))
            splits = _splits(own)
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
    """The rows that the bundle's thresholds were chosen on; a note where they cannot be read again."""
    record = bundle.manifest.calibration
    if record is None:
        return (), []
    if own is not None and digest_part(own, record.part) == record.digest:
        return own.part(record.part), []
    try:
        asked = with_settings(record.asked, _moved(record.asked, settings))
        _refuse_other_files(asked, record.files)
        splits = _splits(asked)
        if digest_part(splits, record.part) != record.digest:
            raise DataError(f"the rows of {splits.name} {record.part} are no longer those it was calibrated on")
    except HateTinyLLMError as error:
        return (), [f"what the bundle was calibrated on cannot be read here, so it could not be left out: {error.message}"]
    return splits.part(record.part), []


def _splits(given: Mapping[str, Any]) -> Splits:
    """
    The rows of a recipe: its data and its split, nothing else of it.

    The recipe may be a stranger's, so the plugins it names are not imported; a check asks for a model and a tuning.
    """
    return read_splits(check({"model": {"name": "scratch"}, "tuning": {"name": "head"}, **_only(given, SECTIONS)}))


def _files_of(bundle: Bundle) -> Mapping[str, str]:
    return bundle.manifest.data.files if bundle.manifest.data else {}


def _refuse_other_files(own: Mapping[str, Any], files: Mapping[str, str]) -> None:
    """A stranger's recipe may name any file of this machine: none is read as a table but those the bundle learnt from."""
    known = set(files.values())
    for name in _own_files(own):
        elsewhere = name.startswith(("\\\\", "//", "~"))
        if elsewhere or not Path(name).is_file() or digest_of(Path(name)) not in known:
            raise DataError(f"{name} is not here, or no longer the file the bundle learnt from")


def _own_files(own: Mapping[str, Any]) -> list[str]:
    """The files a recipe names: its table, and its split."""
    named = [own["data"].get(key) for key in ("path", *PARTS)] if _is_table(own) else []
    named += [own["split"].get("path")] if _is_split_file(own) else []
    return [str(name) for name in named if name]


def _moved(own: Mapping[str, Any], settings: Sequence[str]) -> list[str]:
    """The settings that say where such a file lies now."""
    places = (*(PLACES if _is_table(own) else ()), *(("split.path=",) if _is_split_file(own) else ()))
    return [setting for setting in settings if setting.startswith(places)]


def _is_split_file(own: Mapping[str, Any]) -> bool:
    split = own.get("split")
    return isinstance(split, Mapping) and split.get("name") == "from-file"


def _is_table(own: Mapping[str, Any]) -> bool:
    """Only of a user's file do `path`, `train`, `dev` and `test` name places."""
    data = own.get("data")
    return isinstance(data, Mapping) and data.get("name") == "table"


def _data_of(name: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset by name; another table is read with the columns and words of the one the bundle learnt from."""
    data = own.get("data")
    if name != "table" or not isinstance(data, Mapping) or data.get("name") != "table":
        return {"name": name}
    return {key: value for key, value in data.items() if key not in ("path", *PARTS)}


def as_part(asked: dict[str, Any], part: str) -> dict[str, Any]:
    """A table named by `path` alone is all of the part that is asked for: nothing of it is needed to train on."""
    data = asked.get("data", {})
    if data.get("name") != "table" or not data.get("path") or asked.get("split", {}).get("name") != "official":
        return asked
    moved = {key: value for key, value in data.items() if key != "path"}
    return {**asked, "data": {**moved, part: data["path"]}}


def _only(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _sizes(splits: Splits) -> list[str]:
    return [f"{part} ({len(splits.part(part)):,})" for part in PARTS if splits.part(part)]
