"""One trial of a sweep, however it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Standing = Literal["running", "done", "pruned", "failed"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One trial, counted from one; the score is of the dev part, and stands for a pruned one as it was when it was ended."""

    number: int
    standing: Standing
    values: Mapping[str, Any]
    score: float | None = None
    step: int | None = None  # whose weights are kept
    seconds: float = 0.0  # at work, but for what a kill cut off
    reason: str = ""  # why it failed
    same_as: int | None = None  # the earlier trial of the same values, whose score stands
    starts: tuple[int, ...] = ()  # the step it went on from, each time it was begun without coming to an end
