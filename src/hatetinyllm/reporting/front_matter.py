"""
The metadata at the top of a model card, as YAML that every reader takes the same way.

Every text is quoted, so that `no` stays a word and `1e-5` a text, and every sign a reader may take for its own is escaped.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

PLAIN_KEY = re.compile(r"[a-z]+(?:[_-][a-z]+)*")
NOT_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}  # which a reader takes for something else


def front_matter(content: Mapping[str, Any]) -> str:
    """The block with its fences; what is empty is left out."""
    return "\n".join(["---", *_mapping(content, ""), "---"]) + "\n"


def quoted(said: str) -> str:
    """A text between double quotes: JSON's escapes are YAML's too, and signs that do not print get one each."""
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in json.dumps(said, ensure_ascii=False))


def _escape(sign: str) -> str:
    code = ord(sign)
    if 0xD800 <= code <= 0xDFFF:
        return "\\ufffd"  # half a sign, which no reader takes
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _mapping(content: Mapping[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in content.items():
        said = key if PLAIN_KEY.fullmatch(key) and key not in NOT_WORDS else quoted(key)
        if value is None or value == "" or (isinstance(value, Mapping | Sequence) and not value):
            continue
        if isinstance(value, Mapping):
            lines += [f"{indent}{said}:", *_mapping(value, indent + "  ")]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            lines += [f"{indent}{said}:", *_sequence(value, indent)]
        else:
            lines.append(f"{indent}{said}: {_scalar(value)}")
    return lines


def _sequence(content: Sequence[Any], indent: str) -> list[str]:
    lines = []
    for item in content:
        if isinstance(item, Mapping):
            first, *others = _mapping(item, indent + "  ")
            lines += [f"{indent}- {first.strip()}", *others]
        else:
            lines.append(f"{indent}- {_scalar(item)}")
    return lines


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no figure")
        return f"{value:.6f}"
    if isinstance(value, str):
        return quoted(value)
    raise TypeError(f"no YAML for {type(value).__name__}")
