"""
What came of one run of one cell: all that a table needs to know, and the JSON it is kept as.

Of `results` the first is the cell's own headline. TF-IDF, the rows that give one answer to every text, and the ceiling of
a threshold chosen on the rows it is judged by are known by their names; any other result is a further reading of the
same net (another prompt, calibrated or not).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hatetinyllm.errors import DataError
from hatetinyllm.plain import to_json
from hatetinyllm.typed import TypedError, build
from hatetinyllm.types import Result

FORMAT = 1
BASELINE, CONSTANT, CEILING = "tf-idf", "always ", "ceiling"


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """A model, a method and a dataset, parted one way and begun with one seed, and how it fared."""

    model: str  # as registered
    method: str  # zero-shot, or the tuning's name
    dataset: str
    split: str  # paper or leakfree
    seed: int
    results: tuple[Result, ...]  # as the run's results.json has them, of the test part
    recipe: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # resolved: section -> option -> value
    learning: int | None = None  # weights that learn
    weights: int | None = None  # of the whole net, what is tied counted once
    seconds: float | None = None  # of all attempts together
    made_with: Mapping[str, str] = field(default_factory=dict)  # versions: ours, Python's and those of the libraries
    tiny: bool = False  # a tiny net of random weights in place of the model: the figures mean nothing
    notes: tuple[str, ...] = ()  # what a reader must know of this run, as that rows were sampled

    def __post_init__(self) -> None:
        if not self.results:
            raise ValueError(f"{self.model}, {self.method}, {self.dataset}: a cell needs a result")
        if is_yardstick(self.results[0]):
            raise ValueError(f"{self.results[0].name!r} stands first, where the cell's own result belongs")

    @property
    def headline(self) -> Result:
        """The cell's own result."""
        return self.results[0]

    @property
    def readings(self) -> tuple[Result, ...]:
        """The headline, and the other results of the same net."""
        return tuple(result for result in self.results if not is_yardstick(result))

    @property
    def baseline(self) -> Result | None:
        """TF-IDF on the same rows, if it was asked for."""
        return next((result for result in self.results if BASELINE in result.name.lower()), None)


def is_yardstick(result: Result) -> bool:
    """Whether a result is what the cell is measured by, and not the cell's own."""
    return BASELINE in result.name.lower() or result.name.startswith((CONSTANT, CEILING))


def to_text(cell: CellResult) -> str:
    """The cell as JSON."""
    return to_json({"format": FORMAT, "cell": cell}, indent=2) + "\n"


def from_text(text: str, *, where: str) -> CellResult:
    """The cell from its JSON, every value checked; `where` is told if it cannot be read."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise DataError(f"{where} is no cell of format {FORMAT}")
        return build(CellResult, content.get("cell"), "cell")
    except TypedError as error:
        raise DataError(f"{where} cannot be read as a cell", error.problems) from error
    except ValueError as error:
        raise DataError(f"{where} is no JSON: {error}") from error
