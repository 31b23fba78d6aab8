"""Folders are whole or not there, and every damage is told."""

import errno
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hatetinyllm.folder import SUMS, FolderError, check_sums, is_full, remove_leftovers, write_text_whole, written_whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "made"
    with written_whole(made) as temporary:
        (temporary / "a.txt").write_text("one", encoding="utf-8")
        (temporary / "inner").mkdir()
        (temporary / "inner" / "b.bin").write_bytes(b"\0\1")
    return made


def test_a_folder_lists_every_file_with_its_digest(folder: Path) -> None:
    assert check_sums(folder) == {
        "a.txt": hashlib.sha256(b"one").hexdigest(),
        "inner/b.bin": hashlib.sha256(b"\0\1").hexdigest(),
    }


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_the_list_is_what_sha256sum_reads(folder: Path) -> None:
    assert subprocess.run(["sha256sum", "-c", SUMS], cwd=folder, capture_output=True, check=False).returncode == 0


def test_an_error_while_filling_leaves_nothing_behind(tmp_path: Path) -> None:
    def fill_and_fail() -> None:
        with written_whole(tmp_path / "made") as temporary:
            (temporary / "a.txt").write_text("one", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_replaced_in_one_step(folder: Path) -> None:
    with written_whole(folder) as temporary:
        (temporary / "c.txt").write_text("new", encoding="utf-8")
        assert (folder / "a.txt").exists()
    assert sorted(path.name for path in folder.iterdir()) == [SUMS, "c.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["made"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".made.x.writing").mkdir()
    (tmp_path / ".made.y.replaced").mkdir()
    (tmp_path / "made").mkdir()
    (tmp_path / ".lost.z.replaced").mkdir()
    (tmp_path / ".a.txt.z.writing").write_text("half", encoding="utf-8")
    (tmp_path / "kept").mkdir()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "lost", "made"]


def test_all_damage_is_told_at_once(folder: Path) -> None:
    (folder / "a.txt").write_text("two", encoding="utf-8")
    (folder / "inner" / "b.bin").unlink()
    with pytest.raises(FolderError) as caught:
        check_sums(folder)
    assert len(caught.value.problems) == 2
    assert "a.txt: sha256 is" in caught.value.problems[0]
    assert "inner/b.bin: missing" in caught.value.problems[1]


@pytest.mark.parametrize(
    "name",
    ["../outside.txt", "/etc/hostname", "..\\outside.txt", "C:\\outside.txt", "C:outside.txt", "", "inner/../../outside.txt"],
)
def test_a_name_that_climbs_out_is_refused(folder: Path, name: str) -> None:
    (folder.parent / "outside.txt").write_text("secret", encoding="utf-8")
    with (folder / SUMS).open("a", encoding="utf-8") as stream:
        stream.write(f"{hashlib.sha256(b'secret').hexdigest()}  {name}\n")
    with pytest.raises(FolderError, match="damaged") as caught:
        check_sums(folder)
    assert "no name inside the folder" in caught.value.problems[0]


def test_a_link_that_leads_out_is_refused(folder: Path) -> None:
    (folder.parent / "outside.txt").write_text("one", encoding="utf-8")
    (folder / "a.txt").unlink()
    try:
        (folder / "a.txt").symlink_to(folder.parent / "outside.txt")
    except OSError:
        pytest.skip("this system does not let us make links")
    with pytest.raises(FolderError) as caught:
        check_sums(folder)
    assert "leads out" in caught.value.problems[0]


def test_a_folder_without_a_list_is_not_trusted(folder: Path) -> None:
    (folder / SUMS).unlink()
    with pytest.raises(FolderError, match="nothing in it can be trusted"):
        check_sums(folder)


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text_whole(path, "one\n")
    write_text_whole(path, "two\n")
    assert path.read_bytes() == b"two\n"
    assert [other.name for other in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.name == "nt", reason="this system has no such modes")
def test_whoever_may_read_the_folder_may_read_its_files(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with written_whole(tmp_path / "made") as temporary:
        (temporary / "a.txt").write_text("one", encoding="utf-8")
        (temporary / "a.txt").chmod(0o600)
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "plain.txt").write_text("", encoding="utf-8")
    assert (tmp_path / "made" / "a.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EACCES, "Permission denied: 'No space left'"), False),
        (RuntimeError("I/O error: No space left on device (os error 28)"), True),
        (RuntimeError("the shapes do not fit"), False),
    ],
)
def test_a_full_disk_is_known_by_its_number_or_by_its_words(error: Exception, full: bool) -> None:
    assert is_full(error) is full


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no file that is always full")
def test_a_file_that_cannot_be_written_leaves_no_folder(tmp_path: Path) -> None:
    def fill() -> None:
        with written_whole(tmp_path / "made") as temporary:
            (temporary / "a.txt").symlink_to("/dev/full")
            (temporary / "a.txt").write_text("one", encoding="utf-8")

    with pytest.raises(OSError, match="No space left") as caught:
        fill()
    assert is_full(caught.value)
    assert list(tmp_path.iterdir()) == []
