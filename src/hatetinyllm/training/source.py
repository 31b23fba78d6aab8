"""
Where rows come from, in a recipe's words: data, sample, split, and other sets beside it. Read without the rest of a recipe.

A bundle or a judgement may be a stranger's, and what it says of its rows with it: no plugin it names is imported, and no
file of this machine is opened but one whose digest it states.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hatetinyllm.errors import DataError
from hatetinyllm.folder import digest_of
from hatetinyllm.training.follow import check
from hatetinyllm.training.material import read_splits
from hatetinyllm.types import PARTS, Splits

SECTIONS = ("data", "sample", "split", "beside")
STAND_IN = {"model": {"name": "scratch"}, "tuning": {"name": "head"}}  # a check asks for them; nothing of them is used
CARVE_NOTHING = {"name": "official", "test_share": 0.0, "dev_share": 0.0}
ELSEWHERE = ("\\\\", "//", "~")  # another machine's folder, or a home


def read_source(given: Mapping[str, Any]) -> Splits:
    """The rows of a recipe, or of no more than these sections of one."""
    return read_splits(check({**STAND_IN, **of_source(given)}))


def of_source(given: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of a recipe that its rows come from."""
    return {name: given[name] for name in SECTIONS if name in given}


def refuse_other_files(given: Mapping[str, Any], files: Mapping[str, str], *, whose: str) -> None:
    """Only files of these digests are read as a table or a split; `whose` ends the sentence that refuses another."""
    known = set(files.values())
    for name in _files_of(given):
        if name.startswith(ELSEWHERE) or not Path(name).is_file() or digest_of(Path(name)) not in known:
            raise DataError(f"{name} is not here, or no longer the file {whose}")


def moved(given: Mapping[str, Any], settings: Sequence[str]) -> list[str]:
    """The settings that say where such a file lies now."""
    places = (*(f"data.{key}=" for key in _keys_of_table(given)), *(("split.path=",) if _is_split_file(given) else ()))
    return [setting for setting in settings if setting.startswith(places)]


def as_part(asked: dict[str, Any], part: str) -> dict[str, Any]:
    """A table named by `path` alone is all of the part that is asked for: nothing of it is needed to train on."""
    data = asked.get("data", {})
    if not is_table(asked) or not data.get("path") or asked.get("split", {}).get("name") != "official":
        return asked
    return {**asked, "data": {**{key: value for key, value in data.items() if key != "path"}, part: data["path"]}}


def is_table(given: Mapping[str, Any]) -> bool:
    """Only of a user's file do `path`, `train`, `dev` and `test` name places."""
    data = given.get("data")
    return isinstance(data, Mapping) and data.get("name") == "table"


def _keys_of_table(given: Mapping[str, Any]) -> tuple[str, ...]:
    return ("path", *PARTS) if is_table(given) else ()


def _is_split_file(given: Mapping[str, Any]) -> bool:
    split = given.get("split")
    return isinstance(split, Mapping) and split.get("name") == "from-file"


def _files_of(given: Mapping[str, Any]) -> list[str]:
    named = [given["data"].get(key) for key in _keys_of_table(given)]
    named += [given["split"].get("path")] if _is_split_file(given) else []
    return [str(name) for name in named if name]
