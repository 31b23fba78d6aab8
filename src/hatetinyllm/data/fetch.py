"""
Bring a dataset's file here once, and prove that its bytes are the expected ones.

Order: the mirror (HATETINYLLM_DATA), the cache, the network. A mirror may hold a variant of a file (a sample, a cleaned
copy) only if its `manifest.json` says so (`"exact": false`); the variant is then checked against the manifest's digest
and named in the notes of the splits. A download goes to a `.part` file, is resumed where it broke off, and takes its
name only when the digest is right.
"""

import hashlib
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatetinyllm.data.cache import cache_folder
from hatetinyllm.data.card import File
from hatetinyllm.errors import FetchError

BLOCK_BYTES = 1 << 20
TIMEOUT_S = 30


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file that is here: its path, its digest, and whether it is the source's own bytes."""

    path: Path
    sha256: str
    exact: bool
    note: str = ""


def fetch(file: File) -> Fetched:
    """The file, from the mirror, the cache or the network, in this order."""
    if mirror := os.environ.get("HATETINYLLM_DATA"):
        found = _from_mirror(file, Path(mirror).expanduser())
        if found:
            return found
    path = cache_folder() / file.path
    if not path.exists():
        if file.url is None:
            raise FetchError(f"{file.path} cannot be downloaded by a program", [file.how, f"put it at {path}"])
        _download(file, path)
    digest = sha256_of(path)
    if file.sha256 and digest != file.sha256:
        raise FetchError(f"{path} is not the expected file", [f"sha256 {digest}", f"expected {file.sha256}", "delete it to download it again"])
    return Fetched(path=path, sha256=digest, exact=True)


def fetch_if_mirrored(file: File) -> Fetched | None:
    """A file that only some mirrors hold, or None."""
    mirror = os.environ.get("HATETINYLLM_DATA")
    return _from_mirror(file, Path(mirror).expanduser()) if mirror else None


def sha256_of(path: Path) -> str:
    """The digest of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _from_mirror(file: File, root: Path) -> Fetched | None:
    if not root.is_dir():
        raise FetchError(f"HATETINYLLM_DATA is {str(root)!r}, which is not a folder")
    entry = _manifest(root).get(file.path)
    if entry is None:
        return None
    path = root / file.path
    if not path.is_file():
        raise FetchError(f"the mirror's manifest names {file.path}, but it is not there", [f"looked at {path}"])
    digest = sha256_of(path)
    exact = bool(entry.get("exact"))
    expected = file.sha256 if exact and file.sha256 else entry.get("sha256")
    if digest != expected:
        raise FetchError(f"{path} is not the file the mirror promises", [f"sha256 {digest}", f"expected {expected}"])
    note = "" if exact else f"{file.path}: the mirror's variant, not the source's bytes ({entry.get('source', 'no source named')})"
    return Fetched(path=path, sha256=digest, exact=exact, note=note)


def _manifest(root: Path) -> dict[str, dict[str, Any]]:
    path = root / "manifest.json"
    if not path.is_file():
        raise FetchError(f"the mirror {str(root)!r} has no manifest.json, so nothing in it can be checked")
    return {entry["path"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}


def _download(file: File, path: Path) -> None:
    assert file.url is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(file.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            resumed = have > 0 and answer.status == 206
            with part.open("ab" if resumed else "wb") as stream:
                while block := answer.read(BLOCK_BYTES):
                    stream.write(block)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise FetchError(
            f"{file.path} is not here and could not be downloaded",
            [f"from {file.url}", f"reason: {error}", f"offline? put the file at {path}, or name a mirror in HATETINYLLM_DATA"],
        ) from error
    digest = sha256_of(part)
    if file.sha256 and digest != file.sha256:
        part.unlink()
        raise FetchError(f"{file.url} gave other bytes than expected", [f"sha256 {digest}", f"expected {file.sha256}", "nothing was kept"])
    part.replace(path)
