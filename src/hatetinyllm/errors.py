"""
Every error a user can cause, and nothing else. Our own mistakes are plain Python exceptions.

HateTinyLLMError           exit code 2: something to put right, no traceback unless asked for
├── RecipeError            a recipe or an option does not fit its schema
├── UnknownName            a word that stands in no table
├── DataError              rows, labels or splits are not what they should be
│   ├── TableError         a file of the user's cannot be read as a table
│   ├── FetchError         a file cannot be downloaded, or its bytes are not the expected ones
│   └── LicenceError       a licence asks for consent that was not given
├── ModelError             a checkpoint or a tuning cannot be used as asked
├── TrainingError          training cannot start, go on or resume
│   └── RunLocked          another process writes the same run folder
├── BundleError            a bundle is damaged, foreign or too new
├── DetectorError          a function or an endpoint that is asked as a detector does not answer as one
└── MissingExtra           a part that was not installed
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class HateTinyLLMError(Exception):
    """A user's mistake, told in words: `problems` holds all of them, one line each."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        self.message = message
        self.problems = tuple(problems)
        super().__init__(message, self.problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  - {problem}" for problem in self.problems)])


class RecipeError(HateTinyLLMError):
    """A recipe or an option does not fit its schema."""


class UnknownName(HateTinyLLMError):
    """A word that stands in no table."""


class DataError(HateTinyLLMError):
    """Rows, labels or splits are not what they should be."""


class TableError(DataError):
    """A file of the user's cannot be read as a table."""


class FetchError(DataError):
    """A file cannot be downloaded, or its bytes are not the expected ones."""


class LicenceError(DataError):
    """A licence asks for consent that was not given."""


class ModelError(HateTinyLLMError):
    """A checkpoint or a tuning cannot be used as asked."""


class TrainingError(HateTinyLLMError):
    """Training cannot start, go on or resume."""


class RunLocked(TrainingError):
    """Another process writes the same run folder."""


class BundleError(HateTinyLLMError):
    """A bundle is damaged, foreign or too new."""


class DetectorError(HateTinyLLMError):
    """A function or an endpoint that is asked as a detector does not answer as one."""


class MissingExtra(HateTinyLLMError):
    """A part that was not installed."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint that ends a message about an unknown word: the nearest right one, or all of them."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names) or 'none'}"
