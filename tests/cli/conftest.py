"""The command line, called as a user does, with what it printed."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from hatetinyllm.cli.main import start


@dataclass(frozen=True, kw_only=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err)["error"]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Runs a command line; `stdin` is what stands on standard input."""

    def run(*arguments: object, stdin: str | bytes = "") -> Answer:
        given = stdin.encode("utf-8") if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        code = start([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Answer(code=code, out=printed.out, err=printed.err)

    return run
