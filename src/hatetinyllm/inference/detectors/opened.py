"""
A detector of any kind, opened by one word: `runs/first/bundle`, `pipeline:ID`, `python:module:function`, `openai:URL`.

A word without a kind is the folder of a bundle. Each kind takes options of its own; one that a kind does not have is an
error and never passed over.
"""

import inspect
from typing import Any

from hatetinyllm.errors import DetectorError, UnknownName, did_you_mean
from hatetinyllm.inference.detectors import DETECTORS
from hatetinyllm.inference.detectors.answers import AnyDetector

WEB = ("http", "https")
FORMS = ("openai", "perspective", "tei")


def open_any(word: str, **options: Any) -> AnyDetector:
    """The detector a word names; options that are None were not given."""
    kind, place = kind_and_place(word)
    function = DETECTORS.get(kind)
    given = {name: value for name, value in options.items() if value is not None}
    known = {name: item for name, item in inspect.signature(function).parameters.items() if item.kind is item.KEYWORD_ONLY}
    if unknown := [name for name in given if name not in known]:
        has = ", ".join(map(_as_option, known)) or "none"
        raise DetectorError(
            f"detector {kind!r} cannot be opened so", [f"it has no {_as_option(name)} (it has {has})" for name in unknown]
        )
    opened: AnyDetector = function(place, **given)
    return opened


def kind_and_place(word: str) -> tuple[str, str]:
    """What stands before the first colon and after it, where a kind stands there; else the folder of a bundle."""
    kind, colon, place = word.partition(":")
    if not colon or (len(kind) == 1 and place[:1] in ("\\", "/")):  # a drive of Windows
        return "bundle", word
    if kind in WEB:
        raise DetectorError(
            f"{kind}: says where a detector is and not how it is asked", [f"write {form}:{kind}:..." for form in FORMS]
        )
    if kind not in DETECTORS:
        raise UnknownName(f"there is no kind of detector {kind!r} ({did_you_mean(kind, DETECTORS)})", _folder_hint(word))
    if not place.strip():
        raise DetectorError(f"{word!r} names no detector: something must stand after the colon", [example(kind)])
    return kind, place


def example(kind: str) -> str:
    """A word of a kind, to show how it is written; a kind of somebody else's has only its form."""
    places = {
        "bundle": "runs/first/bundle",
        "openai": "https://api.openai.com/v1/moderations",
        "perspective": "https://commentanalyzer.googleapis.com",
        "pipeline": "owner/name or a folder",
        "python": "module:function",
        "tei": "http://127.0.0.1:8080/predict",
    }
    return f"for example {kind}:{places.get(kind, '...')}"


def _folder_hint(word: str) -> list[str]:
    return [f"a bundle in a folder of that name is written bundle:{word}"]


def _as_option(name: str) -> str:
    return "--" + name.replace("_", "-")
