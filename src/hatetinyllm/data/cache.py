"""The one folder where downloads and consents live: HATETINYLLM_CACHE, or the system's own place for caches."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONSENTS = "consents.json"


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


def list_cache() -> Iterator[Cached]:
    """What the cache holds, folder by folder, in order of name."""
    root = cache_folder()
    for folder in sorted(path for path in root.glob("*") if path.is_dir()):
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        yield Cached(name=folder.name, files=len(sizes), size_bytes=sum(sizes))


def clear_cache(name: str | None = None) -> list[Cached]:
    """Delete one folder of the cache, or all of them; consents stay. Returns what was deleted."""
    gone = [cached for cached in list_cache() if name in (None, cached.name)]
    for cached in gone:
        shutil.rmtree(cache_folder() / cached.name)
    return gone


def consents() -> dict[str, str]:
    """Dataset -> the licence that was agreed to."""
    path = cache_folder() / CONSENTS
    if not path.exists():
        return {}
    agreed: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return agreed


def record_consent(dataset: str, licence: str) -> None:
    """Remember that the user agreed, so that nobody asks again."""
    agreed = consents() | {dataset: licence}
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=CONSENTS)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(agreed, file, indent=2, sort_keys=True)
    Path(temporary).replace(folder / CONSENTS)
