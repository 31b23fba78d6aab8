"""Dataclasses from JSON that somebody else may have written: every key and every value is checked by its annotation."""

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hatetinyllm.errors import HateTinyLLMError, did_you_mean

T = TypeVar("T")
LARGEST = 2**63


class TypedError(HateTinyLLMError):
    """JSON does not fit a dataclass; raised on as an error of the thing it describes."""


def build(kind: type[T], content: object, where: str = "") -> T:
    """An instance of the dataclass, or all that is wrong with the content."""
    problems: list[str] = []
    made = _value(kind, content, where or kind.__name__.lower(), problems)
    if problems:
        raise TypedError(f"{where or kind.__name__.lower()} cannot be read", problems)
    return made  # type: ignore[no-any-return]


def _value(kind: Any, content: Any, where: str, problems: list[str]) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return tuple(content) if isinstance(content, list) else content
    if origin in (Union, types.UnionType):
        inner = next(one for one in arguments if one is not types.NoneType)
        return None if content is None else _value(inner, content, where, problems)
    if origin is Literal:
        if content not in arguments:
            problems.append(f"{where} is {content!r} ({did_you_mean(str(content), map(str, arguments))})")
        return content
    if origin is tuple and isinstance(content, list):
        return tuple(_value(arguments[0], item, f"{where}[{index}]", problems) for index, item in enumerate(content))
    if (origin or kind) is Mapping and isinstance(content, dict):
        return {key: _value(arguments[1], item, f"{where}.{key}", problems) for key, item in content.items()}
    if is_dataclass(kind) and isinstance(content, dict):
        return _instance(kind, content, where, problems)
    if type(content) is int and abs(content) > LARGEST:
        problems.append(f"{where} is a number beyond all measure")
        return None
    if kind is float and type(content) in (int, float) and math.isfinite(content):
        return float(content)
    if kind in (str, int, bool) and type(content) is kind:
        return content
    problems.append(f"{where} must be {_spelt(kind)}, got {_shortened(content)}")
    return None


def _instance(kind: Any, content: dict[str, Any], where: str, problems: list[str]) -> Any:
    hints = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}
    found = len(problems)
    problems += [f"unknown key {key!r} in {where} ({did_you_mean(key, known)})" for key in content if key not in known]
    for name, item in known.items():
        if name not in content and item.default is MISSING and item.default_factory is MISSING:
            problems.append(f"{name!r} is missing in {where}")
    values = {key: _value(hints[key], item, f"{where}.{key}", problems) for key, item in content.items() if key in known}
    if len(problems) > found:
        return None
    try:
        return kind(**values)
    except ValueError as error:
        problems.append(f"{where}: {error}")
        return None


def _spelt(kind: Any) -> str:
    words = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
    if get_origin(kind) is tuple:
        return "a list"
    return words.get(kind, "an object")


def _shortened(content: object) -> str:
    said = repr(content)
    return said if len(said) <= 60 else said[:59] + "…"
