"""
The one folder where downloads and consents live: HATETINYLLM_CACHE, or the system's own place for caches.

A cache that was made here carries CACHEDIR.TAG, the mark that backup tools know too. `clear_cache` deletes nothing in a
folder named by HATETINYLLM_CACHE without that mark: it may be somebody's home.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from hatetinyllm.errors import DataError, FetchError, UnknownName, did_you_mean
from hatetinyllm.folder import write_text_whole

CONSENTS = "consents.json"
MARK = "CACHEDIR.TAG"
MARK_TEXT = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache made by hatetinyllm.\n"


@dataclass(frozen=True, kw_only=True)
class Cached:
    """One folder of the cache and what it holds."""

    name: str
    files: int
    size_bytes: int


def cache_folder() -> Path:
    """Where the cache is; nothing is made by asking."""
    if given := os.environ.get("HATETINYLLM_CACHE"):
        return Path(given).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "hatetinyllm"


def mark_cache() -> None:
    """Make the cache folder, and mark it as ours where it was empty."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            (folder / MARK).write_text(MARK_TEXT, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(
            f"the cache {folder} cannot be written: {error.strerror or error}", ["name another in HATETINYLLM_CACHE"]
        ) from error


def inside(root: Path, name: str) -> Path:
    """The path of a plain relative name under a folder; a name that would climb out on any system is refused."""
    plain = PurePosixPath(name)
    climbs = ".." in plain.parts or plain.is_absolute() or "\\" in name or "\0" in name or PureWindowsPath(name).drive
    if climbs or not plain.parts:
        raise FetchError(f"{name!r} is no name of a file inside {root}")
    return root / plain


def list_cache() -> Iterator[Cached]:
    """What the cache holds, folder by folder, in order of name."""
    root = cache_folder()
    for folder in sorted(path for path in root.glob("*") if path.is_dir() and not path.is_symlink()):
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        if sizes:  # a download that failed leaves an empty folder
            yield Cached(name=folder.name, files=len(sizes), size_bytes=sum(sizes))


def clear_cache(name: str | None = None) -> list[Cached]:
    """Delete one folder of the cache, or all of them; consents stay. Returns what was deleted."""
    held = list(list_cache())
    if name is not None and name not in (cached.name for cached in held):
        raise UnknownName(f"the cache holds no {name!r} ({did_you_mean(name, [cached.name for cached in held])})")
    if held and os.environ.get("HATETINYLLM_CACHE") and not (cache_folder() / MARK).is_file():
        raise DataError(
            f"{cache_folder()} was not made as a cache, so nothing in it was deleted",
            [f"it has no {MARK}: delete by hand what should go, or put an empty file of that name there"],
        )
    gone = [cached for cached in held if name in (None, cached.name)]
    for cached in gone:
        shutil.rmtree(cache_folder() / cached.name)
    return gone


def consents() -> dict[str, str]:
    """Dataset -> the licence that was agreed to."""
    path = cache_folder() / CONSENTS
    if not path.exists():
        return {}
    try:
        agreed = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # broken JSON, or bytes that are no UTF-8
        raise DataError(f"{path} is no JSON: {error}", ["delete it, and agree again"]) from error
    if not isinstance(agreed, dict) or not all(isinstance(licence, str) for licence in agreed.values()):
        raise DataError(f"{path} does not list datasets and licences", ["delete it, and agree again"])
    return agreed


def record_consent(dataset: str, licence: str) -> None:
    """Remember that the user agreed, so that nobody asks again."""
    agreed = consents() | {dataset: licence}
    mark_cache()
    write_text_whole(cache_folder() / CONSENTS, json.dumps(agreed, indent=2, sort_keys=True) + "\n")
