"""Of several processes of one run (`torchrun`, `accelerate launch`) the first writes and speaks."""

import os


def is_first_process() -> bool:
    """True for the only process, and for the first of several. A RANK without a WORLD_SIZE is somebody else's word."""
    return not has_siblings() or os.environ.get("RANK", "0") == "0"


def has_siblings() -> bool:
    """Whether a launcher started this process with others of the same run."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def count_processes() -> int:
    """How many a launcher started for this run."""
    return int(os.environ.get("WORLD_SIZE", "1"))
