"""Our nouns as plain JSON: dataclasses become objects, and what JSON lacks (not-a-number, infinity) becomes null."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """The value in dictionaries, lists, strings, numbers and null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def to_json(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON that every reader takes."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=indent)
