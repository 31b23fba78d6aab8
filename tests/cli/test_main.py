"""Exit codes, and errors in words: for people, and as JSON."""

import subprocess
import sys

import pytest

from hatetinyllm.cli import main
from hatetinyllm.errors import DataError
from hatetinyllm.version import __version__


def test_the_version_is_printed(call) -> None:
    answer = call("--version")
    assert (answer.code, answer.out) == (0, f"hatetinyllm {__version__}\n")


def test_help_is_no_error(call) -> None:
    for arguments in (["--help"], ["-h"], ["train", "--help"], ["data", "show", "-h"]):
        answer = call(*arguments)
        assert answer.code == 0
        assert "Usage: hatetinyllm" in answer.out


@pytest.mark.parametrize("arguments", [["clasify"], ["classify"], ["train", "--epochs", "3"], ["cache", "clear", "a", "b"]])
def test_a_mistyped_command_is_something_to_put_right(call, arguments: list[str]) -> None:
    answer = call(*arguments)
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err


def raising(error: BaseException):
    def command(*args: object, **options: object) -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DataError("it failed [sic]", ["one", "two"]), 2, "error: it failed [sic]\n  - one\n  - two\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
    ],
)
def test_every_end_has_its_exit_code(call, monkeypatch, error: BaseException, code: int, said: str) -> None:
    monkeypatch.setattr("hatetinyllm.data.cache.cache_folder", raising(error))
    answer = call("cache", "list")
    assert (answer.code, answer.err) == (code, said)


def test_a_reader_that_goes_away_is_no_error() -> None:
    order = [sys.executable, "-m", "hatetinyllm", "data", "list", "--json"]
    with subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_mistake_of_ours_says_so_and_how_to_tell_us(call, monkeypatch) -> None:
    monkeypatch.setattr("hatetinyllm.data.cache.cache_folder", raising(ZeroDivisionError("oh")))
    answer = call("cache", "list")
    assert answer.code == main.OUR_MISTAKE
    assert "a mistake of ours: ZeroDivisionError: oh" in answer.err
    assert "Traceback" not in answer.err
    assert "Traceback" in call("--debug", "cache", "list").err


def test_errors_are_json_where_a_program_listens(call, monkeypatch) -> None:
    monkeypatch.setattr("hatetinyllm.data.cache.cache_folder", raising(DataError("it failed", ["one"])))
    answer = call("cache", "list", "--json")
    assert answer.code == 2
    assert answer.error == {"kind": "DataError", "message": "it failed", "problems": ["one"]}
    assert answer.out == ""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 40 bytes"),
        type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"),
    ],
)
def test_too_little_memory_is_no_mistake_of_ours(call, monkeypatch, error: Exception) -> None:
    monkeypatch.setattr("hatetinyllm.data.cache.cache_folder", raising(error))
    answer = call("cache", "list")
    assert answer.code == 2
    assert "the memory is at its end" in answer.err
    assert "train.batch_size" in answer.err
