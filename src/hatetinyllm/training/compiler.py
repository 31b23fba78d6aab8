"""Whether this machine can make code of its own: `torch.compile` asks for a C++ compiler on a CPU, and only at the first step."""

import os
import sys
from shutil import which

import torch

from hatetinyllm.errors import TrainingError

COMPILERS = ("cl",) if sys.platform == "win32" else ("clang++", "g++") if sys.platform == "darwin" else ("g++", "clang++")


def require_compiler(device: torch.device) -> None:
    """Refuse, before anything is worked, where no compiler is found."""
    asked = os.environ.get("CXX")
    names = (asked,) if asked else COMPILERS
    if device.type == "cpu" and not any(which(name.split()[0]) for name in names):
        hints = [
            f"install one: {' or '.join(COMPILERS)}" + (f" (CXX names {asked!r})" if asked else ""),
            "or do without made code: pretrain.made = false, train.layout = 'packed'",
        ]
        raise TrainingError("code is to be made for this machine, and it has no C++ compiler", hints)
