"""
Folders that are whole or not there: bundles and checkpoints are written here.

A folder is filled under a temporary name beside its place, gets a SHA256SUMS of all its files (the format of the
well-known command, so that anybody can check it), and takes its name in one step. What is not listed is never read.
"""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from hatetinyllm.errors import HateTinyLLMError

SUMS = "SHA256SUMS"
_WRITING, _REPLACED = ".writing", ".replaced"
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
FULL_IN_WORDS = ("No space left", "not enough space on the disk", "(os error 28)", "(os error 112)", "quota exceeded")


class FolderError(HateTinyLLMError):
    """A folder is not what its digests say; raised on as an error of the thing it holds."""


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to fill; when the block ends well it becomes `folder`, replacing what was there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(folder, _WRITING)
    temporary.mkdir()
    try:
        yield temporary
        write_sums(temporary)
        _open_to_readers(temporary)
        _put_in_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_leftovers(parent: Path) -> None:
    """Delete what a killed process left half written; only safe while nobody else writes there."""
    for path in parent.glob(".*"):
        if path.name.endswith(_REPLACED) and not (owner := parent / path.name[1:].rsplit(".", 2)[0]).exists():
            path.rename(owner)  # killed between two renames: the old folder is still whole
        elif path.name.endswith((_WRITING, _REPLACED)) and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.endswith(_WRITING):
            path.unlink()


def write_text_whole(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, never half of it."""
    temporary = _beside(path, _WRITING)
    with temporary.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def write_sums(folder: Path) -> None:
    """List the digest of every file of a folder in its SHA256SUMS."""
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS):
        _sync(path)
        lines.append(f"{digest_of(path)}  {path.relative_to(folder).as_posix()}\n")
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    _sync(folder / SUMS)


def check_sums(folder: Path) -> dict[str, str]:
    """File name -> digest, every file held against SHA256SUMS. All that is wrong is told at once."""
    sums = folder / SUMS
    if not sums.is_file():
        raise FolderError(f"{folder} has no {SUMS}, so nothing in it can be trusted")
    listed: dict[str, str] = {}
    problems = []
    # Not splitlines: it takes a dozen other characters for a line's end, and a changed byte must not pass for one.
    for line in sums.read_bytes().decode("utf-8", errors="replace").removesuffix("\n").split("\n"):
        digest, _, name = line.partition("  ")
        if problem := _wrong_name(folder, name) or _wrong_bytes(folder, name, digest):
            problems.append(problem)
        listed[name] = digest
    if problems:
        raise FolderError(f"{folder} is damaged or was changed", problems)
    return listed


def is_full(error: BaseException) -> bool:
    """Whether an error says that the disk is full; safetensors has words for it and no number."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL
    return any(words in str(error) for words in FULL_IN_WORDS)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _wrong_name(folder: Path, name: str) -> str | None:
    """A listed name must be a plain relative path to a real file inside the folder, on every system."""
    parts = PurePosixPath(name).parts
    if not name or ".." in parts or name.startswith("/") or "\\" in name or PureWindowsPath(name).drive:
        return f"{name!r} is no name inside the folder"
    path = folder / name
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        return f"{name}: leads out of the folder"
    return None if path.is_file() else f"{name}: missing"


def _wrong_bytes(folder: Path, name: str, digest: str) -> str | None:
    found = digest_of(folder / name)
    return None if found == digest else f"{name}: sha256 is {found}, {SUMS} says {digest!r}"


def _put_in_place(temporary: Path, folder: Path) -> None:
    if not folder.exists():
        temporary.rename(folder)
        _sync_names(folder.parent)
        return
    old = _beside(folder, _REPLACED)
    folder.rename(old)
    temporary.rename(folder)
    _sync_names(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path, ending: str) -> Path:
    """A name of nobody's in the same folder; a leading dot keeps it out of sight."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}{ending}")


def _open_to_readers(folder: Path) -> None:
    """Some libraries write files that only their owner may read; here the folder's own mode decides."""
    mode = folder.stat().st_mode & 0o666
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(mode)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _sync_names(folder: Path) -> None:
    """Have the names of a folder's files on the disk, too, before anything that relies on it is deleted."""
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
