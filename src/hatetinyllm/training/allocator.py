"""
Memory that was freed stays with the process while it trains, where the C library can be told so (glibc).

A step asks for the same blocks again and again. By default large ones are given back to the system each time, which then hands
out fresh pages, cleared one by one: on a CPU that is a sixth of the time of a step. Training holds no more at its fullest moment
for it, it only gives nothing back in between.
"""

import ctypes
import sys

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3  # names of glibc's malloc.h
LARGEST_KEPT = 32 << 20  # bytes of a block; glibc takes no more
GIVEN_BACK_FROM = 1 << 30
TAKEN_AT_ONCE = 64 << 20


def keep_freed_memory() -> bool:
    """Ask for it, for all of this process; says whether it was granted."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library
        return False
    wanted = ((MMAP_THRESHOLD, LARGEST_KEPT), (TRIM_THRESHOLD, GIVEN_BACK_FROM), (TOP_PAD, TAKEN_AT_ONCE))
    return all(mallopt(name, value) == 1 for name, value in wanted)
