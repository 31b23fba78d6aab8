"""Downloads against a server on this machine: cut, resumed, refused, and two at once. Nothing half is ever in place."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import pytest

from hatetinyllm.data import download as module
from hatetinyllm.data.download import ATTEMPTS, download
from hatetinyllm.errors import FetchError

BYTES = bytes(range(256)) * 2_000  # several blocks
DIGEST = sha256(BYTES).hexdigest()
OTHER = BYTES[::-1]


class Server:
    """What the server of one test does, and what it was asked."""

    def __init__(self) -> None:
        self.content = BYTES
        self.cuts: list[int | None] = []  # for each answer in turn: the bytes after which the connection ends
        self.codes: list[int] = []  # for each answer in turn: an error to give instead, 0 for none
        self.knows_range = True
        self.says_length = True
        self.etag = ""
        self.location = ""
        self.wrong_start = False
        self.ranges: list[str | None] = []
        self.url = ""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            answer(self, told)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    monkeypatch.setattr(module, "SCHEMES", ("http", "file"))  # the rule itself has a test of its own
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.001)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        told.url = f"http://127.0.0.1:{listening.server_address[1]}/made-up.csv"
        yield told
        listening.shutdown()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, told: Server) -> None:
    asked = handler.headers.get("Range")
    told.ranges.append(asked)
    if told.location:
        handler.send_response(302)
        handler.send_header("Location", told.location)
        handler.end_headers()
        return
    if code := told.codes.pop(0) if told.codes else 0:
        handler.send_error(code)
        return
    if_range = handler.headers.get("If-Range")
    start = 0
    if asked and told.knows_range and if_range in (None, told.etag):
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(told.content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(told.content)}")
            handler.end_headers()
            return
        handler.send_response(206)
        first = 7 if told.wrong_start else start
        handler.send_header("Content-Range", f"bytes {first}-{len(told.content) - 1}/{len(told.content)}")
    else:
        handler.send_response(200)
    if told.says_length:
        handler.send_header("Content-Length", str(len(told.content) - start))
    if told.etag:
        handler.send_header("ETag", told.etag)
    handler.end_headers()
    cut = told.cuts.pop(0) if told.cuts else None
    handler.wfile.write(told.content[start:][:cut])


def kept_part(place: Path, content: bytes, digest: str = DIGEST) -> Path:
    part = place.with_name(f"{place.name}.{digest[:16]}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(content)
    return part


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "made" / "up.csv"


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.parent.iterdir())


def test_a_file_arrives_whole_and_leaves_no_part_behind(server: Server, place: Path) -> None:
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES
    assert names(place) == [place.name]


def test_progress_is_told_from_nothing_to_all(server: Server, place: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    download(server.url, place, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, len(BYTES))
    assert seen[-1] == (len(BYTES), len(BYTES))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_progress_without_a_length_says_so(server: Server, place: Path) -> None:
    server.says_length = False
    seen: list[int | None] = []
    download(server.url, place, sha256=DIGEST, on_progress=lambda _, total: seen.append(total))
    assert set(seen) == {None}


def test_a_connection_cut_in_the_middle_is_resumed_where_it_broke_off(server: Server, place: Path) -> None:
    server.cuts = [100_000, 200_000]
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES
    assert server.ranges == [None, "bytes=100000-", "bytes=300000-"]


def test_a_cut_file_without_a_known_digest_is_resumed_only_by_the_servers_mark(server: Server, place: Path) -> None:
    server.etag = '"one"'
    server.cuts = [100_000]
    download(server.url, place)
    assert place.read_bytes() == BYTES
    assert server.ranges == [None, "bytes=100000-"]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_a_cut_file_with_neither_digest_nor_strong_mark_is_begun_again(server: Server, place: Path, etag: str) -> None:
    server.etag = etag
    server.cuts = [100_000]
    download(server.url, place)
    assert place.read_bytes() == BYTES
    assert server.ranges == [None, None]


def test_a_file_that_changes_between_two_attempts_is_not_mixed(server: Server, place: Path) -> None:
    server.etag = '"one"'
    server.cuts = [100_000]

    def change(done: int, _: int | None) -> None:
        if done == 100_000:
            server.etag, server.content = '"two"', OTHER

    download(server.url, place, on_progress=change)
    assert place.read_bytes() == OTHER


def test_a_server_that_ignores_ranges_sends_the_whole_file_again(server: Server, place: Path) -> None:
    server.knows_range = False
    server.cuts = [100_000]
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES


def test_a_server_that_goes_on_at_the_wrong_byte_is_asked_for_the_whole_file(server: Server, place: Path) -> None:
    server.wrong_start = True
    server.cuts = [100_000]
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES
    assert server.ranges == [None, "bytes=100000-", None]


def test_after_a_few_cuts_the_error_says_how_far_it_came_and_the_next_call_goes_on(server: Server, place: Path) -> None:
    server.cuts = [1_000] * ATTEMPTS
    with pytest.raises(FetchError, match="ended after 4,000 of 512,000 bytes") as caught:
        download(server.url, place, sha256=DIGEST)
    assert caught.value.problems == (f"tried {ATTEMPTS} times",)
    assert names(place) == [f"{place.name}.{DIGEST[:16]}.part"]
    download(server.url, place, sha256=DIGEST)
    assert server.ranges[-1] == "bytes=4000-"
    assert place.read_bytes() == BYTES
    assert names(place) == [place.name]


def test_a_cut_file_without_a_known_digest_leaves_nothing(server: Server, place: Path) -> None:
    server.cuts = [1_000] * ATTEMPTS
    with pytest.raises(FetchError, match="ended after 1,000"):
        download(server.url, place)
    assert names(place) == []


def test_a_part_that_is_complete_already_is_not_downloaded_again(server: Server, place: Path) -> None:
    kept_part(place, BYTES)
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES
    assert server.ranges == [f"bytes={len(BYTES)}-"]


def test_a_part_that_is_longer_than_the_file_is_thrown_away(server: Server, place: Path) -> None:
    kept_part(place, BYTES + b"more")
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES


def test_a_part_of_another_version_is_not_taken_up(server: Server, place: Path) -> None:
    other = kept_part(place, OTHER[:50_000], sha256(OTHER).hexdigest())
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES
    assert server.ranges == [None]
    assert other.exists()


def test_a_part_that_was_damaged_is_noticed_and_the_file_is_brought_whole(server: Server, place: Path) -> None:
    kept_part(place, OTHER[:50_000])
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES
    assert server.ranges == ["bytes=50000-", None]


def test_the_part_of_a_killed_process_is_taken_up_once_it_is_old(
    server: Server, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = kept_part(place, BYTES[:50_000])
    abandoned = part.rename(part.with_name(f"{place.name}.{DIGEST[:16]}.0badcafe.part"))
    strange = place.with_name(f"{place.name}.unproved.0badcafe.part")
    strange.write_bytes(b"x")
    download(server.url, place, sha256=DIGEST)
    assert server.ranges == [None]  # it may be alive
    assert abandoned.exists()
    place.unlink()
    monkeypatch.setattr(module, "ABANDONED_S", -1.0)
    download(server.url, place, sha256=DIGEST)
    assert server.ranges[-1] == "bytes=50000-"
    assert names(place) == [place.name]


def test_other_bytes_than_expected_are_refused_and_nothing_is_kept(server: Server, place: Path) -> None:
    with pytest.raises(FetchError, match="other bytes than expected"):
        download(server.url, place, sha256="0" * 64)
    assert names(place) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [(401, "wants a login"), (403, "to nobody"), (404, "is not there"), (410, "is gone"), (418, "answered 418")],
)
def test_a_refusal_is_told_in_words_and_not_tried_again(server: Server, place: Path, code: int, words: str) -> None:
    server.codes = [code]
    with pytest.raises(FetchError, match=words):
        download(server.url, place, sha256=DIGEST)
    assert len(server.ranges) == 1


@pytest.mark.parametrize("code", [408, 429, 500, 503])
def test_an_error_that_may_pass_is_tried_again(server: Server, place: Path, code: int) -> None:
    server.codes = [code, code]
    download(server.url, place, sha256=DIGEST)
    assert len(server.ranges) == 3


def test_a_server_that_stays_broken_is_told_with_its_code(server: Server, place: Path) -> None:
    server.codes = [503] * ATTEMPTS
    with pytest.raises(FetchError, match="answered 503"):
        download(server.url, place)


def test_nobody_listening_is_a_clear_error(server: Server, place: Path) -> None:
    with pytest.raises(FetchError, match="refused"):
        download("http://127.0.0.1:9/made-up.csv", place)


def test_a_silent_server_is_left_after_the_time_limit(place: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.05)
    monkeypatch.setattr(module, "ATTEMPTS", 2)
    monkeypatch.setitem(globals(), "answer", lambda handler, told: time.sleep(0.2))
    with pytest.raises(FetchError, match=r"no answer within 0\.05 seconds"):
        download(server.url, place)


def test_an_offline_machine_is_told_at_once(server: Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 60.0)  # a retry would be noticed
    with pytest.raises(FetchError, match="is this machine offline"):
        download("http://no-such-host.invalid/made-up.csv", place)


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "ftp://example.org/x", "data:,x", "/etc/hosts", ""])
def test_only_https_and_local_files_are_addresses(url: str, place: Path) -> None:
    with pytest.raises(FetchError, match="no address to download from"):
        download(url, place)
    assert not place.parent.exists()


def test_a_redirect_cannot_leave_the_allowed_addresses(server: Server, place: Path) -> None:
    server.location = "ftp://127.0.0.1/made-up.csv"
    with pytest.raises(FetchError, match="no address to download from"):
        download(server.url, place)


def test_a_local_file_is_copied(tmp_path: Path, place: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes(BYTES)
    kept_part(place, BYTES[:50_000])  # file: knows no ranges
    download(source.as_uri(), place, sha256=DIGEST)
    assert place.read_bytes() == BYTES


def test_a_local_file_that_is_missing_is_not_tried_again(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 60.0)
    with pytest.raises(FetchError, match="source"):
        download((tmp_path / "source.csv").as_uri(), place)


class FullDisk:
    """Writes nothing and says why."""

    name = "made-up.part"

    def write(self, block: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_in_words_and_not_tried_again(server: Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store: Callable[[IO[bytes], bytes], None] = module._store
    full: Any = FullDisk()
    monkeypatch.setattr(module, "_store", lambda stream, block: store(full, block))
    with pytest.raises(FetchError, match="the disk is full"):
        download(server.url, place)
    assert len(server.ranges) == 1
    assert names(place) == []


def test_a_cache_that_cannot_be_made_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FetchError, match="cannot be written"):
        download(server.url, tmp_path / "file" / "made" / "up.csv")


def test_many_downloads_at_once_give_one_whole_file(server: Server, place: Path) -> None:
    kept_part(place, BYTES[:50_000])
    server.cuts = [60_000] * 6
    errors: list[Exception] = []

    def bring() -> None:
        try:
            download(server.url, place, sha256=DIGEST)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=bring) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert place.read_bytes() == BYTES
    assert names(place) == [place.name]


def test_an_interrupted_download_keeps_its_part_for_the_next(server: Server, place: Path) -> None:
    def interrupt(done: int, _: int | None) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(server.url, place, sha256=DIGEST, on_progress=interrupt)
    assert names(place) == [f"{place.name}.{DIGEST[:16]}.part"]
    download(server.url, place, sha256=DIGEST)
    assert place.read_bytes() == BYTES


def test_a_file_that_another_process_put_in_place_and_reads_is_left_to_it(
    server: Server, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(self: Path, target: Path) -> Path:
        target.write_bytes(BYTES)
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", locked)
    download(server.url, place)
    assert place.read_bytes() == BYTES
    assert names(place) == [place.name]
