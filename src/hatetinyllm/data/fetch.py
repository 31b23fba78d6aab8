"""
Bring a dataset's file here once, and prove that its bytes are the expected ones.

Order: the mirror (HATETINYLLM_DATA), the cache, the network. A mirror may hold a variant of a file (a sample, a cleaned
copy) only if its `manifest.json` says so (`"exact": false`); the variant is then checked against the manifest's digest
and named in the notes of the splits. How a download goes on after a broken connection is told in `download`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatetinyllm.data.cache import cache_folder, inside, mark_cache
from hatetinyllm.data.card import File
from hatetinyllm.data.download import Progress, download
from hatetinyllm.errors import FetchError
from hatetinyllm.folder import digest_of

_watcher: ContextVar[Progress | None] = ContextVar("watcher", default=None)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file that is here: its path, its digest, and whether it is the source's own bytes."""

    path: Path
    sha256: str
    exact: bool
    note: str = ""


def fetch(file: File, *, on_progress: Progress | None = None) -> Fetched:
    """The file, from the mirror, the cache or the network, in this order."""
    if found := _from_mirror(file):
        return found
    path = inside(cache_folder(), file.path)
    if not path.is_file():
        _bring(file, path, on_progress or _watcher.get())
    digest = digest_of(path)
    if file.sha256 and digest != file.sha256:
        raise FetchError(
            f"{path} is not the expected file", [f"sha256 {digest}", f"expected {file.sha256}", "delete it to download it again"]
        )
    return Fetched(path=path, sha256=digest, exact=True)


def fetch_if_there(file: File) -> Fetched | None:
    """A file that may be missing: None where it has no url, or where a mirror is named, and neither mirror nor cache has it."""
    if found := _from_mirror(file):
        return found
    if inside(cache_folder(), file.path).is_file() or (file.url and not os.environ.get("HATETINYLLM_DATA")):
        return fetch(file)
    return None


@contextmanager
def watched(on_progress: Progress | None) -> Iterator[None]:
    """Tell every download inside the block to `on_progress`, whoever asks for it."""
    before = _watcher.set(on_progress)
    try:
        yield
    finally:
        _watcher.reset(before)


def _bring(file: File, path: Path, on_progress: Progress | None) -> None:
    by_hand = f"put the file at {path}, or name a mirror in HATETINYLLM_DATA"
    if file.url is None:
        raise FetchError(f"{file.path} cannot be downloaded by a program", [*filter(None, [file.how]), by_hand])
    try:
        mark_cache()
        download(file.url, path, sha256=file.sha256, on_progress=on_progress)
    except FetchError as error:
        raise FetchError(
            f"{file.path} is not here and could not be downloaded", [error.message, *error.problems, by_hand]
        ) from error


def _from_mirror(file: File) -> Fetched | None:
    """The mirror's file, or None where no mirror is named or its manifest does not list the file."""
    named = os.environ.get("HATETINYLLM_DATA")
    root = Path(named or "").expanduser()
    if not named or (entry := _manifest(root).get(file.path)) is None:
        return None
    path = inside(root, file.path)
    if not path.is_file():
        raise FetchError(f"the mirror's manifest names {file.path}, but it is not there", [f"looked at {path}"])
    digest = digest_of(path)
    exact: bool = entry["exact"]
    expected = file.sha256 if exact and file.sha256 else entry["sha256"]
    if digest != expected:
        raise FetchError(f"{path} is not the file the mirror promises", [f"sha256 {digest}", f"expected {expected}"])
    source = entry.get("source", "no source named")
    note = "" if exact else f"{file.path}: the mirror's variant, not the source's bytes ({source})"
    return Fetched(path=path, sha256=digest, exact=exact, note=note)


def _manifest(root: Path) -> dict[str, Mapping[str, Any]]:
    """Path -> what a mirror says of the file; a manifest that says it badly is refused with all that is wrong."""
    if not root.is_dir():
        raise FetchError(f"HATETINYLLM_DATA is {str(root)!r}, which is not a folder")
    path = root / "manifest.json"
    if not path.is_file():
        raise FetchError(f"the mirror {str(root)!r} has no manifest.json, so nothing in it can be checked")
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # broken JSON, or bytes that are no UTF-8
        raise FetchError(f"{path} is no JSON: {error}") from error
    if not isinstance(entries, list):
        raise FetchError(f"{path} is a list of files, as in [{{...}}, {{...}}], got {type(entries).__name__}")
    problems = [f"entry {number}: {wrong}" for number, entry in enumerate(entries, start=1) if (wrong := _wrong_entry(entry))]
    names = [entry["path"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("path"), str)]
    problems += [f"{name} stands twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if problems:
        raise FetchError(f"{path} cannot be used", problems)
    return {entry["path"]: entry for entry in entries}


def _wrong_entry(entry: object) -> str:
    """What a manifest's entry lacks: a path, a digest, and a word on whether the bytes are the source's."""
    if not isinstance(entry, dict):
        return f"an object was expected, got {type(entry).__name__}"
    kinds = {"path": str, "sha256": str, "exact": bool}
    words = {str: "a text", bool: "true or false"}
    wrong = [
        f"{key} is {words[kind]}, got {entry.get(key)!r}" for key, kind in kinds.items() if not isinstance(entry.get(key), kind)
    ]
    return "; ".join(wrong)
