"""
A function of the user's own: it is given a list of texts and gives back a score, a label or true or false for each.

A score is the probability of hate; a label is ours, or one that every source means so, or is held against `positive`; None
is no answer.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from hatetinyllm.errors import DetectorError, UnknownName
from hatetinyllm.inference.detectors.answers import Answers, AnyDetector, Told
from hatetinyllm.inference.detectors.positive import is_positive
from hatetinyllm.registry import find

CHUNK = 256  # texts a call
SHOWN_CHARACTERS = 30  # a longer word may be somebody's text


def open_detector(place: str, *, positive: str | None = None) -> AnyDetector:
    """The function at module:function; modules of the current folder are found too."""
    return of_function(_found(place), name=place, positive=positive)


def of_function(function: Callable[[list[str]], Any], *, name: str = "", positive: str | None = None) -> AnyDetector:
    """A function as a detector."""
    called = name or f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', type(function).__name__)}"

    def ask(texts: Sequence[str], told: Told) -> Answers:
        return _answers(function, called, positive, texts, told)

    return AnyDetector(kind="python", name=called, identity=f"python:{called}", asked=positive or "hate", ask=ask)


def _answers(function: Callable[[list[str]], Any], name: str, positive: str | None, texts: Sequence[str], told: Told) -> Answers:
    scores: list[float] = []
    reasons = {}
    for start in range(0, len(texts), CHUNK):
        chunk = list(texts[start : start + CHUNK])
        for place, value in enumerate(_called(function, name, chunk), start):
            score = _score(value, name, positive, place)
            scores.append(np.nan if score is None else score)
            if score is None:
                reasons[place] = "no answer"
        told(len(chunk))
    return Answers(scores=np.array(scores, dtype=np.float64), reasons=reasons)


def _called(function: Callable[[list[str]], Any], name: str, texts: list[str]) -> list[Any]:
    try:
        found = function(texts)
    except Exception as error:  # whatever a user's function raises; its message may hold a text
        raise DetectorError(f"{name} raised {type(error).__name__} when it was given {len(texts)} texts") from error
    if isinstance(found, str | bytes | dict) or not hasattr(found, "__len__") or not hasattr(found, "__iter__"):
        raise DetectorError(f"{name} gave {_kind(found)}", [f"expected a list with an answer for each of {len(texts)} texts"])
    if len(found) != len(texts):
        raise DetectorError(f"{name} gave {len(found)} answers for {len(texts)} texts")
    return list(found)


def _score(value: Any, name: str, positive: str | None, place: int) -> float | None:
    if value is None or value != value:  # what is not itself is NaN
        return None
    if isinstance(value, str):
        answer = is_positive(value, positive)
        if answer is None:
            shown = repr(value) if len(value) <= SHOWN_CHARACTERS else f"a text of {len(value)} characters"
            hint = "give scores from 0 to 1, hate and not_hate, or name the positive label by --positive"
            raise DetectorError(f"{name} gave {shown} for text {place + 1}, and nobody knows what it means", [hint])
        return float(answer)
    if isinstance(value, bool | np.bool_):
        return float(value)
    if isinstance(value, Real) and 0 <= float(value) <= 1:
        return float(value)
    seen = f"{float(value):g}" if isinstance(value, Real) else _kind(value)
    raise DetectorError(f"{name} gave {seen} for text {place + 1}", ["expected a score from 0 to 1, a label, true or false"])


def _found(place: str) -> Callable[[list[str]], Any]:
    module, colon, function = place.partition(":")
    if not colon or not module or not function or ":" in function:
        raise DetectorError(f"{place!r} names no function", ["a function is written python:module:function"])
    try:
        with _current_folder():
            return find(place)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise UnknownName(
            f"there is no module {module!r}", ["modules of this environment and of the current folder are found"]
        ) from error


@contextmanager
def _current_folder() -> Iterator[None]:
    """Let modules of the current folder be found, after all others."""
    here = str(Path.cwd())
    sys.path.append(here)
    try:
        yield
    finally:
        sys.path.remove(here)


def _kind(value: Any) -> str:
    return f"{type(value).__name__}"
