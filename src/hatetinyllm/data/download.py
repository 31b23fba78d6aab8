"""
A file from its address to its place: by https or from a local file, resumed where it broke off, in place only when whole.

This file knows nothing of mirrors and of the cache. A part that broke off is kept under its expected digest, so that a
part of another version is never taken up; where no digest is known, a part is not trusted beyond the process that wrote
it. Whoever takes up a part renames it first, so that two processes never write the same one.
"""

import errno
import glob
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from secrets import token_hex
from socket import gaierror
from typing import IO, Any
from urllib.parse import urlsplit

from hatetinyllm.errors import FetchError
from hatetinyllm.folder import digest_of

Progress = Callable[[int, int | None], None]  # bytes that are here, bytes in all where the server says

SCHEMES = ("https", "file")
BLOCK_BYTES = 1 << 16
TIMEOUT_S = 30.0
ATTEMPTS = 4
FIRST_WAIT_S = 0.5  # before the second attempt, and twice as long before each one after it
ABANDONED_S = 600.0  # a part nobody wrote to for so long belongs to a process that was killed
HOPELESS = (gaierror, ssl.SSLCertVerificationError, FileNotFoundError, IsADirectoryError, PermissionError)  # not worth a retry
WORTH_A_RETRY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


def download(url: str, place: Path, *, sha256: str | None = None, on_progress: Progress | None = None) -> None:
    """Bring a file to its place; what is there afterwards is whole, and has the digest where one is expected."""
    _check_scheme(url)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _own_part(place, sha256) as part:
            resumed = part.exists()
            _Transfer(url, part, sha256 is not None, on_progress).finish()
            if sha256 and resumed and digest_of(part) != sha256:  # the kept part was bad, so begin again without it
                part.unlink()
                _Transfer(url, part, True, on_progress).finish()
            _check_digest(url, part, sha256)
            _put_in_place(part, place)
    except OSError as error:
        raise FetchError(f"{place} cannot be written: {_in_words(error)}") from error


class _Broken(Exception):
    """A transfer that ended early and is worth another attempt."""


class _Transfer:
    """One file under way: its part, and the mark by which the server knows whether it still has the same file."""

    def __init__(self, url: str, part: Path, pinned: bool, on_progress: Progress | None) -> None:
        self.url = url
        self.part = part
        self.pinned = pinned
        self.on_progress = on_progress
        self.etag = ""

    def finish(self) -> None:
        """Attempt until the file is whole; what arrived is kept from one attempt to the next."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._attempt()
            except _Broken as error:
                if attempt == ATTEMPTS:
                    raise FetchError(f"{self.url}: {error}", [f"tried {ATTEMPTS} times"]) from error
                time.sleep(FIRST_WAIT_S * 2 ** (attempt - 1))

    def _attempt(self) -> None:
        if not self.pinned and not self.etag:  # nothing would tell a part of another version
            self.part.unlink(missing_ok=True)
        have = self.part.stat().st_size if self.part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and self.etag:
            headers["If-Range"] = self.etag
        try:
            request = urllib.request.Request(self.url, headers=headers)  # noqa: S310 the scheme was checked
            with urllib.request.build_opener(_SafeRedirects).open(request, timeout=TIMEOUT_S) as answer:
                self._receive(answer, have)
        except urllib.error.HTTPError as error:
            with error:
                self._refused(error, have)
        except urllib.error.URLError as error:
            reason = error.reason
            if isinstance(reason, HOPELESS):
                raise FetchError(f"{self.url}: {_in_words(reason)}") from error
            raise _Broken(_in_words(reason)) from error
        except (HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
            raise _Broken(_in_words(error)) from error

    def _receive(self, answer: Any, have: int) -> None:
        """Write what the answer brings after what is here, or from the start where the server sends the whole file."""
        resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
        start, total = _content_range(answer.headers) if resumed else (0, None)
        if resumed and start != have:
            self.part.unlink(missing_ok=True)
            raise _Broken(f"the server went on at byte {start}, asked for {have}")
        if total is None and (length := answer.headers.get("Content-Length", "")).isdecimal():
            total = start + int(length)
        etag = answer.headers.get("ETag", "")
        self.etag = "" if etag.startswith("W/") else etag  # a weak mark promises no equal bytes
        done = start
        with self.part.open("ab" if resumed else "wb") as stream:
            self._tell(done, total)
            while block := answer.read(BLOCK_BYTES):
                _store(stream, block)
                done += len(block)
                self._tell(done, total)
        if total is not None and done != total:
            if done > total:
                self.part.unlink()
            raise _Broken(f"the connection ended after {done:,} of {total:,} bytes")

    def _refused(self, error: urllib.error.HTTPError, have: int) -> None:
        """What an HTTP error means: the part is whole already, another attempt may help, or nothing will."""
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            _, total = _content_range(error.headers)
            if total == have:
                return
            self.part.unlink()
            raise _Broken("the kept part is longer than the file") from error
        said = f"the server answered {error.code} ({error.reason})"
        if error.code in WORTH_A_RETRY or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _Broken(said) from error
        meanings = {
            401: "it wants a login",
            403: "it gives the file to nobody",
            404: "the file is not there",
            410: "the file is gone",
        }
        meaning = meanings.get(error.code, "")
        raise FetchError(f"{self.url}: {said}{': ' if meaning else ''}{meaning}") from error

    def _tell(self, done: int, total: int | None) -> None:
        if self.on_progress:
            self.on_progress(done, total)


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to an address that would have been fit to start from."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """The next request, unless it leaves https."""
        with fp:
            _check_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _check_scheme(url: str) -> None:
    if urlsplit(url).scheme.lower() not in SCHEMES:
        raise FetchError(
            f"{url!r} is no address to download from", [f"an address begins with {' or '.join(f'{name}:' for name in SCHEMES)}"]
        )


def _check_digest(url: str, part: Path, sha256: str | None) -> None:
    digest = digest_of(part)
    if sha256 and digest != sha256:
        part.unlink()
        raise FetchError(f"{url} gave other bytes than expected", [f"sha256 {digest}", f"expected {sha256}", "nothing was kept"])


@contextmanager
def _own_part(place: Path, sha256: str | None) -> Iterator[Path]:
    """A part file of this process alone; what is left of it afterwards waits for the next process under its digest."""
    kept = place.with_name(f"{place.name}.{sha256[:16]}.part") if sha256 else None
    own = place.with_name(f"{place.name}.{sha256[:16] if sha256 else 'unproved'}.{token_hex(4)}.part")
    _take_up(place, kept, own)
    try:
        yield own
    finally:
        if own.exists() and kept:
            own.replace(kept)
        own.unlink(missing_ok=True)


def _take_up(place: Path, kept: Path | None, own: Path) -> None:
    """Go on with a part that waits, and remove parts that no living process writes."""
    for path in sorted(place.parent.glob(f"{glob.escape(place.name)}.*.part")):
        try:
            if path != kept and time.time() - path.stat().st_mtime < ABANDONED_S:
                continue
            if kept and path.name.startswith(kept.name.removesuffix("part")) and not own.exists():
                path.replace(own)
            else:
                path.unlink()
        except FileNotFoundError:  # another process was quicker
            continue


def _put_in_place(part: Path, place: Path) -> None:
    try:
        part.replace(place)
    except PermissionError:
        if not place.is_file():  # on Windows a file that is read cannot be replaced: another process put it there
            raise


def _store(stream: IO[bytes], block: bytes) -> None:
    """Write and flush, so that a full disk is told apart from a broken connection."""
    try:
        stream.write(block)
        stream.flush()
    except OSError as error:
        raise FetchError(f"{stream.name} cannot be written: {_in_words(error)}") from error


def _content_range(headers: Message) -> tuple[int, int | None]:
    """First byte and total of `bytes 100-199/200` or `bytes */200`; -1 and None stand for what is not said."""
    span, _, total = headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    first = span.partition("-")[0]
    return int(first) if first.isdecimal() else -1, int(total) if total.isdecimal() else None


def _in_words(reason: object) -> str:
    if isinstance(reason, gaierror):
        return "the server's name cannot be found: is this machine offline?"
    if isinstance(reason, TimeoutError):
        return f"no answer within {TIMEOUT_S:g} seconds"
    if isinstance(reason, OSError) and reason.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return "the disk is full"
    if isinstance(reason, OSError) and not isinstance(reason, ssl.SSLError):
        return reason.strerror or str(reason)
    return str(reason) or type(reason).__name__
