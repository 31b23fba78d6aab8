"""A full disk told in words: what could not be written, what is kept, and how to go on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from hatetinyllm.errors import TrainingError
from hatetinyllm.folder import is_full


@contextmanager
def room_for(what: str, run: Path, *, kept: Callable[[], Sequence[str]]) -> Iterator[None]:
    """Inside, something is written to a run's folder; `kept` names the checkpoints that stand, newest first."""
    try:
        yield
    except Exception as error:  # safetensors' own is no OSError
        if not is_full(error):
            raise
        names = ", ".join(kept())
        problems = [
            f"kept: {names}" if names else "no checkpoint had been written: the run will begin anew",
            f"make room there, then go on by: hatetinyllm train --resume {quote(str(run))}",
        ]
        raise TrainingError(f"no space is left on the disk: {what} could not be written to {str(run)!r}", problems) from error
