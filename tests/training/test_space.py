"""A full disk is told in words, with what is kept; any other error is left as it is."""

import errno
from pathlib import Path

import pytest
from safetensors import SafetensorError

from hatetinyllm.errors import TrainingError
from hatetinyllm.training.space import room_for

FULL = OSError(errno.ENOSPC, "No space left on device")


def fill(error: Exception, *kept: str) -> None:
    with room_for("the log of steps", Path("runs/my run"), kept=lambda: kept):
        raise error


@pytest.mark.parametrize("error", [FULL, SafetensorError("I/O error: No space left on device (os error 28)")])
def test_a_full_disk_is_told_with_what_is_kept_and_how_to_go_on(error: Exception) -> None:
    with pytest.raises(TrainingError, match=r"no space is left on the disk: the log of steps .* to 'runs/my run'") as caught:
        fill(error, "step-00000004", "step-00000002")
    assert caught.value.problems == (
        "kept: step-00000004, step-00000002",
        "make room there, then go on by: hatetinyllm train --resume 'runs/my run'",
    )


def test_where_nothing_is_kept_it_is_said() -> None:
    with pytest.raises(TrainingError) as caught:
        fill(FULL)
    assert caught.value.problems[0].startswith("no checkpoint had been written")


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(PermissionError):
        fill(PermissionError(errno.EACCES, "Permission denied"))
