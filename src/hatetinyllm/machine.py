"""
What this process may use of the machine: memory, cores, graphics cards. No torch, so that lists and plans can ask.

In a container or a batch job the machine is larger than what the process gets: the limits of control groups and of
`ulimit` count, not the sticks in the board.
"""

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import ctypes
else:
    import resource

GROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
ASKED = ("index", "uuid", "name", "memory.total")
PATIENCE_S = 10


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A graphics card of NVIDIA's."""

    name: str
    memory: int  # bytes


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What one process may use."""

    memory: int  # bytes; 0 where the system does not say
    cores: int
    gpus: tuple[Gpu, ...] = ()

    @property
    def gpu_memory(self) -> int:
        """The bytes of the largest card; 0 without one."""
        return max((gpu.memory for gpu in self.gpus), default=0)


def this_machine() -> Machine:
    """The machine this process runs on."""
    limits = [_physical_memory(), _address_limit(), *_group_memory()]
    cores = [_visible_cores(), *_group_cores()]
    return Machine(memory=min((limit for limit in limits if limit), default=0), cores=min(cores), gpus=_gpus())


def _visible_cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    else:  # not after it: the type checker reads one branch a system
        return os.cpu_count() or 1


def _group_memory(groups: Path = GROUPS, membership: Path = MEMBERSHIP) -> Iterator[int]:
    """The limits of the process's control groups, its own and those above it, in either version of them."""
    for text in _group_files(groups, membership, {"": "memory.max", "memory": "memory.limit_in_bytes"}):
        if text.isdigit():
            yield int(text)


def _group_cores(groups: Path = GROUPS, membership: Path = MEMBERSHIP) -> Iterator[int]:
    """The share of time in whole cores, rounded up: a quota of one and a half cores keeps two busy."""
    for text in _group_files(groups, membership, {"": "cpu.max"}):
        quota, _, period = text.partition(" ")
        if quota.isdigit() and period.isdigit():
            yield max(1, math.ceil(int(quota) / int(period)))


def _group_files(groups: Path, membership: Path, names: dict[str, str]) -> Iterator[str]:
    """What stands in the file of each group from the process's own upwards; `names` by controller, "" for version 2."""
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        for controller in set(controllers.split(",")) & set(names):
            top = groups / controller
            own = top / group.lstrip("/")
            for folder in (own, *own.parents):
                if folder.is_relative_to(top) and (folder / names[controller]).is_file():
                    yield (folder / names[controller]).read_text(encoding="utf-8").strip()


def _gpus() -> tuple[Gpu, ...]:
    """NVIDIA's cards that CUDA_VISIBLE_DEVICES leaves visible, as its own tool lists them; none without the tool."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    asked = [tool, f"--query-gpu={','.join(ASKED)}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE_S, check=True).stdout  # noqa: S603 - fixed
    except (OSError, subprocess.SubprocessError):  # a tool without its driver
        return ()
    return tuple(_listed(said, os.environ.get("CUDA_VISIBLE_DEVICES")))


def _listed(said: str, visible: str | None) -> Iterator[Gpu]:
    chosen = None if visible is None else {word.strip() for word in visible.split(",")}
    for line in said.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) == len(ASKED) and cells[3].isdigit() and (chosen is None or chosen & {cells[0], cells[1]}):
            yield Gpu(name=cells[2], memory=int(cells[3]) * 2**20)


if sys.platform == "win32":

    class _WindowsMemory(ctypes.Structure):
        """What GlobalMemoryStatusEx fills in."""

        _fields_ = (
            ("size", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("physical", "free", "page", "free_page", "own", "free_own", "extended")),
        )

    def _physical_memory() -> int:
        status = _WindowsMemory(size=ctypes.sizeof(_WindowsMemory))
        return int(status.physical) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else 0

    def _address_limit() -> int:
        return 0

else:

    def _physical_memory() -> int:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

    def _address_limit() -> int:
        """What `ulimit -v` allows; 0 for no limit."""
        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        return 0 if soft == resource.RLIM_INFINITY else soft
