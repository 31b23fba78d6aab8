"""
An address that is asked by POST with JSON, by several threads at once, and how patiently.

What is busy (429, 5xx) or not reached is asked again; where it says how long to wait, all threads wait. A text it will not
read (400, 413, 422) is a refusal, not an end. Nothing else is followed: no redirect, which could carry a key elsewhere. A
key stands in no message, and a message of the other side is shown only where the text in question was ours.
"""

import json
import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from hatetinyllm.errors import DetectorError
from hatetinyllm.version import __version__

REFUSED = frozenset({400, 413, 422})
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
LARGEST_BYTES = 64 << 20
TRIES = 6
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 120.0
WORD = re.compile(r"[A-Za-z][\w./-]{1,60}")  # a code such as LANGUAGE_NOT_SUPPORTED, not a sentence
SHOWN_CHARACTERS = 160


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What an endpoint answers to texts it will not read; `message` is in its own words and may hold a text."""

    status: int
    code: str
    message: str

    @property
    def reason(self) -> str:
        """Why, without a text."""
        return f"{self.status} {self.code}".strip()


@dataclass(frozen=True, kw_only=True)
class Key:
    """A secret and the header or the parameter it travels in; never shown."""

    variable: str
    value: str = field(repr=False)
    parameter: str | None = None  # of the address; else it is a bearer's


class Endpoint:
    """An address and how it is asked."""

    def __init__(self, address: str, key: Key | None, *, timeout_s: float) -> None:
        self.shown = shown(address)
        self._address = address
        self._key = key
        self._timeout_s = timeout_s
        self._opener = _opener(address)
        self._lock = threading.Lock()
        self._resume_at = 0.0
        self._ended = threading.Event()
        self._reached = False

    def ask(self, body: object) -> object:
        """Its answer, read from JSON, or its refusal."""
        content = json.dumps(body).encode("utf-8")
        said = ""
        for attempt in range(TRIES):
            self._wait()
            try:
                with self._opener.open(self._request(content), timeout=self._timeout_s) as answer:
                    return self._read(answer)
            except HTTPError as error:
                with error:
                    refusal = self._refusal(error)
                    if refusal.status in REFUSED:
                        return refusal
                    if refusal.status not in AGAIN:
                        raise self._unusable(refusal) from None  # the error's own words hold the address with its key
                    said, wait_s = f"it answers {refusal.reason}", _retry_after(error.headers)
            except (OSError, HTTPException) as error:
                said, wait_s = self._unreached(error), None
                if not self._reached:
                    raise DetectorError(f"{self.shown} cannot be reached: {said}", ["is the address right?"]) from None
            if attempt + 1 < TRIES:
                self._pause(FIRST_WAIT_S * 2**attempt if wait_s is None else wait_s)
        raise DetectorError(f"{self.shown} does not answer: asked {TRIES} times, {said}", ["--parallel 1 asks more gently"])

    def _request(self, content: bytes) -> Request:
        headers = {"Content-Type": "application/json", "User-Agent": f"hatetinyllm/{__version__}"}
        address = self._address
        if self._key and self._key.parameter:
            address += f"?{urlencode({self._key.parameter: self._key.value})}"
        elif self._key:
            headers["Authorization"] = f"Bearer {self._key.value}"
        return Request(address, data=content, headers=headers, method="POST")  # noqa: S310 - the scheme was checked

    def _read(self, answer: Any) -> object:
        content = answer.read(LARGEST_BYTES + 1)
        self._reached = True
        if len(content) > LARGEST_BYTES:
            raise DetectorError(f"{self.shown} answers with more than {LARGEST_BYTES:,} bytes")
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            kind = answer.headers.get_content_type()
            raise DetectorError(f"{self.shown} answers with {kind} that is no JSON", ["is the address right?"]) from None

    def _refusal(self, error: HTTPError) -> Refusal:
        self._reached = True
        try:
            content = json.loads(error.read(LARGEST_BYTES))
        except (OSError, HTTPException, ValueError, RecursionError):
            content = None
        message = next((one for one in _texts(content, ("message", "detail", "error"))), "")
        return Refusal(status=error.code, code=_code(content), message=self._without_key(message)[:SHOWN_CHARACTERS])

    def _unusable(self, refusal: Refusal) -> DetectorError:
        """Answers that no patience mends."""
        if refusal.status in (401, 403):
            way = f"is the key in {self._key.variable} right?" if self._key else "--key-env VARIABLE names where its key is"
            return DetectorError(f"{self.shown} wants a key: it answers {refusal.reason}", [way])
        if 300 <= refusal.status < 400:
            return DetectorError(f"{self.shown} sends on to another address: name that one")
        return DetectorError(f"{self.shown} answers {refusal.reason}", ["is the address right, with its whole path?"])

    def _unreached(self, error: Exception) -> str:
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, TimeoutError):
            return f"no answer within {self._timeout_s:g} s"
        said = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        return self._without_key(str(said))

    def _without_key(self, text: str) -> str:
        return text.replace(self._key.value, "***") if self._key and self._key.value else text

    def end(self) -> None:
        """Let nobody ask any more, nor wait for it."""
        self._ended.set()

    def _wait(self) -> None:
        while (left_s := self._resume_at - time.monotonic()) > 0 and not self._ended.is_set():
            self._ended.wait(left_s)
        if self._ended.is_set():
            raise DetectorError(f"{self.shown} is no longer asked")

    def _pause(self, seconds: float) -> None:
        """Nobody asks before so many seconds have gone."""
        if seconds > LONGEST_WAIT_S:
            raise DetectorError(f"{self.shown} asks to wait {seconds:,.0f} s, longer than the {LONGEST_WAIT_S:.0f} s we do")
        with self._lock:
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)


def address_of(place: str, usual: str) -> str:
    """A checked address; one without a path gets the usual one."""
    parts = urlsplit(place)
    problems = []
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problems.append(f"{shown(place)!r} is no address: it begins with http:// or https:// and names a host")
    if "@" in parts.netloc:
        problems.append("a name and a password in the address would stand in every log: --key-env VARIABLE names a key")
    if parts.query or parts.fragment:
        problems.append("nothing may stand behind the path: a key is named by --key-env VARIABLE")
    if problems:
        raise DetectorError("an endpoint cannot be asked", problems)
    return urlunsplit((parts.scheme, parts.netloc, usual if parts.path in ("", "/") else parts.path, "", ""))


def key_for(address: str, named: str | None, usual: str | None, *, parameter: str | None = None) -> Key | None:
    """
    The key in an environment variable, if it is set. One that was named must be.

    It travels over https or to this very machine; over plain http to another one only a key that was named is sent.
    """
    variable = named or usual
    value = os.environ.get(variable, "").strip() if variable else ""
    if named and not value:
        raise DetectorError(f"the environment variable {named} is not set, and it was to hold the key")
    if not variable or not value or not (named or _is_private(address)):
        return None
    if not value.isascii() or not value.isprintable():
        raise DetectorError(f"what the environment variable {variable} holds is no key: it has signs that no header takes")
    return Key(variable=variable, value=value, parameter=parameter)


def shown(address: str) -> str:
    """An address as it may be shown: without a name, a password or anything behind the path."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _is_private(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in HERE


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: the answer is told as it is."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        return None


def _opener(address: str) -> OpenerDirector:
    """This machine is asked directly, others as the environment's proxies say."""
    handlers: list[Any] = [_Stay()]
    return build_opener(*handlers, *([ProxyHandler({})] if urlsplit(address).hostname in HERE else []))


def _retry_after(headers: Message | None) -> float | None:
    """Seconds or a date, as it stands in the header."""
    value = headers.get("Retry-After", "") if headers else ""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _code(content: object) -> str:
    """The most telling single word in an answer that refuses."""
    words = _texts(content, ("errorType", "error_type", "code", "status", "type"))
    return next((word for word in words if WORD.fullmatch(word)), "")


def _texts(content: object, names: tuple[str, ...]) -> list[str]:
    """The texts under these names, wherever they stand, in the order of the names."""
    found: dict[str, list[str]] = {name: [] for name in names}
    waiting = [content]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, Mapping):
            for name, value in one.items():
                if name in found and isinstance(value, str):
                    found[name].append(value)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return [text for texts in found.values() for text in texts]
